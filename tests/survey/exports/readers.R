# Reads data.sav and data.dta in a folder with haven, and prints what it finds: one line a fact, with tabs.
folder <- commandArgs(trailingOnly = TRUE)[1]
library(haven)
say <- function(...) cat(..., "\n", sep = "\t")
spss <- read_sav(file.path(folder, "data.sav"), user_na = TRUE)
stata <- read_dta(file.path(folder, "data.dta"))
for (name in names(spss)) {
  column <- spss[[name]]
  say("sav", name, "label", attr(column, "label"))
  say("sav", name, "missing", paste(attr(column, "na_range"), collapse = " "))
  say("sav", name, "labels", paste(attr(column, "labels"), collapse = " "))
  say("sav", name, "cells", paste(format(zap_labels(zap_missing(column)), trim = TRUE), collapse = " "))
  say("sav", name, "kept", paste(format(as.vector(unclass(column)), trim = TRUE), collapse = " "))
}
for (name in names(stata)) {
  column <- stata[[name]]
  say("dta", name, "label", attr(column, "label"))
  if (is.numeric(column)) {
    say("dta", name, "tags", paste(ifelse(is.na(na_tag(column)), "-", na_tag(column)), collapse = " "))
    labels <- attr(column, "labels")
    if (is.double(labels)) say("dta", name, "labels", paste(names(labels)[is_tagged_na(labels)], na_tag(labels)[is_tagged_na(labels)], sep = "=", collapse = "; "))
  }
  say("dta", name, "cells", paste(format(as.vector(unclass(column)), trim = TRUE), collapse = " "))
}
