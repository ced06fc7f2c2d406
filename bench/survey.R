# The same estimates with R's survey package, on columns of doubles that bench/estimates.py has written. Usage: Rscript survey.R FOLDER ROWS
# Prints one line for each task: its name, CPU seconds, and a figure to compare the results by.
suppressMessages(library(survey))
arguments <- commandArgs(trailingOnly = TRUE)
rows <- as.integer(arguments[2])
names <- readLines(file.path(arguments[1], "columns.txt"))
data <- as.data.frame(sapply(names, function(name) readBin(file.path(arguments[1], paste0(name, ".bin")), "double", rows), simplify = FALSE))
cpu <- function(task, expression) {
  before <- proc.time(); value <- force(expression); after <- proc.time()
  cat(task, sum((after - before)[1:2]), format(value, digits = 12), "\n")
}
design <- svydesign(id = ~psu, strata = ~stratum, weights = ~weight, data = data, nest = TRUE)
items <- as.formula(paste("~", paste(sprintf("item%02d", 1:20), collapse = " + ")))
cpu("groups", { by <- svyby(items, ~group, design, svymean); sum(SE(by)) })
margins <- sprintf("margin%d", 1:5)
shares <- lapply(margins, function(name) {
  target <- as.data.frame(table(data[[name]])); target$Freq <- rows * c(0.3, 0.3, 0.2, 0.2); names(target)[1] <- name; target
})
cpu("raking", { raked <- rake(design, lapply(margins, function(name) as.formula(paste("~", name))), shares, control = list(maxit = 100, epsilon = 1e-6 * rows, verbose = FALSE)); sum(weights(raked)^2) / rows })
covariates <- as.formula(paste("accept ~", paste(sprintf("covariate%02d", 1:10), collapse = " + ")))
cpu("logit", { model <- svyglm(covariates, design, family = quasibinomial()); sum(SE(model)) })
