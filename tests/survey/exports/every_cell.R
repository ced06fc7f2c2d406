# Reads data.sav or data.dta with haven, and prints every label and every cell: one a line, texts as the numbers of their characters.
file <- commandArgs(trailingOnly = TRUE)[1]
suppressWarnings(library(haven))
frame <- if (endsWith(file, ".sav")) read_sav(file, user_na = TRUE) else read_dta(file)
spelt <- function(text) paste(utf8ToInt(enc2utf8(text)), collapse = " ")
say <- function(...) cat(paste(..., sep = "\t"), "\n", sep = "")
cell <- function(value) {
  if (is.character(value)) return(paste0("text:", spelt(value)))
  if (!is.na(value) || is.nan(value)) return(sprintf("%.17g", as.double(value)))
  tag <- na_tag(as.double(value))
  if (is.na(tag)) "NA" else paste0(".", tag)
}
for (name in names(frame)) {
  column <- frame[[name]]
  say(name, "label", "", spelt(attr(column, "label")))
  labels <- attr(column, "labels")
  for (i in seq_along(labels)) say(name, "value", cell(unname(labels)[i]), spelt(names(labels)[i]))
  missing <- attr(column, "na_range")
  if (!is.null(missing)) say(name, "missing", "", paste(missing, collapse = " "))
  values <- if (is.character(column)) as.vector(column) else as.vector(unclass(column))
  for (i in seq_along(values)) say(name, "cell", i, cell(values[i]))
}
