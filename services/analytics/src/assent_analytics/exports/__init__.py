"""Tables and pictures in the forms that others read: one file a form, all from the same plain data."""
