"""How far people could be found in a file of single records, before such a file is ever released: keys, risks, uniques, suppression."""
