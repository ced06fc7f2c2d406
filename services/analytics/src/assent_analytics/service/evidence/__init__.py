"""The sections of the evidence view, one a file. Each takes what the study knows as plain data and answers its part of the view."""
