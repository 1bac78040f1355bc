create table bank_transfers (
  key ctext primary key,
  reference ctext not null,
  digest ctext not null,
  amount bigint not null,
  currency ctext not null,
  account ctext not null,
  state ctext not null,
  failure_code ctext,
  returns bigint not null,
  accepted_at bigint not null,
  settles_at bigint not null,
  check (state in ('pending', 'paid', 'failed', 'returned'))
) strict;

create table bank_faults (
  name ctext primary key,
  calls bigint not null
) strict;
