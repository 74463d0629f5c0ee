"""Numbers of the ledger moved within their spreads towards published studies, as a proposal to look at."""
