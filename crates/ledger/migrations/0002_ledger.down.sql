drop table ledger_failed;
drop table ledger_holds;
drop table ledger_postings;
drop table ledger_transfers;
drop table ledger_accounts;
