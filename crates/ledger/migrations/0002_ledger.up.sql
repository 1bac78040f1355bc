create table ledger_accounts (
  key serial8 primary key,
  id ctext not null,
  code ctext not null,
  name ctext not null,
  purpose ctext not null,
  owner ctext,
  asset ctext not null,
  rule ctext not null,
  debits_pending bigint not null,
  debits_posted bigint not null,
  credits_pending bigint not null,
  credits_posted bigint not null,
  created_at bigint not null,
  check (debits_pending >= 0 and debits_posted >= 0),
  check (credits_pending >= 0 and credits_posted >= 0),
  check (rule in ('none', 'debits_not_exceed_credits', 'credits_not_exceed_debits'))
) strict;
create unique index ledger_accounts_id on ledger_accounts (id);
create unique index ledger_accounts_code on ledger_accounts (code);

create table ledger_transfers (
  seq serial8 primary key,
  id ctext not null,
  pos bigint,
  action ctext not null,
  pending_id ctext,
  debit bigint not null references ledger_accounts (key),
  credit bigint not null references ledger_accounts (key),
  amount bigint not null,
  asset ctext not null,
  kind ctext not null,
  offer_id ctext,
  reference ctext not null,
  at bigint not null,
  bulk bigint not null,
  check (amount >= 0),
  check (bulk in (0, 1)),
  check (action in ('single', 'pending', 'post', 'void', 'expire'))
) strict;
create unique index ledger_transfers_id on ledger_transfers (id);
create unique index ledger_transfers_pos on ledger_transfers (pos);
create index ledger_transfers_debit on ledger_transfers (debit, seq) where bulk = 0;
create index ledger_transfers_credit on ledger_transfers (credit, seq) where bulk = 0;
create index ledger_transfers_offer on ledger_transfers (offer_id, seq)
  where offer_id is not null;

create table ledger_postings (
  account bigint not null references ledger_accounts (key),
  since bigint not null,
  places ctext not null,
  entries bigint not null,
  debits bigint not null,
  credits bigint not null,
  first_at bigint not null,
  last_at bigint not null,
  primary key (account, since)
) strict;

create table ledger_holds (
  transfer_id ctext primary key,
  state ctext not null,
  expires_at bigint,
  resolved_by ctext,
  check (state in ('open', 'posted', 'voided', 'expired'))
) strict;
create index ledger_holds_expiry on ledger_holds (state, expires_at);

create table ledger_failed (
  id ctext primary key,
  code ctext not null,
  digest ctext not null,
  at bigint not null
) strict;
