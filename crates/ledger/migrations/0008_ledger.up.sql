alter table ledger_transfers add column actor ctext not null default '';
create index ledger_transfers_reference on ledger_transfers (reference, seq)
  where reference <> '';
create index ledger_transfers_at on ledger_transfers (at, seq);
create index ledger_holds_due on ledger_holds (expires_at, transfer_id)
  where state = 'open' and expires_at is not null;
drop index ledger_holds_expiry;
create index ledger_holds_open on ledger_holds (transfer_id) where state = 'open';
alter table ledger_postings drop column first_at;
alter table ledger_postings drop column last_at;
create table ledger_days (
  account bigint not null references ledger_accounts (key),
  day bigint not null,
  debits bigint not null,
  credits bigint not null,
  primary key (account, day)
) strict;
insert into seq (name, at) values ('ledger_days', 0), ('ledger_holds', 0);
