"""The formats in which collections leave, one file each, all with the face described in `face`."""
