"""Tasks that every worker repeats, such as reconciliation, retention and sending notifications."""
