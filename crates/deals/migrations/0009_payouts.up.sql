alter table payouts_attempts add column look_at bigint;
alter table payouts_attempts add column ended_at bigint;
alter table payouts_attempts add column fence bigint not null default 0;
create index payouts_attempts_look on payouts_attempts (rail, look_at, payout_id, number)
  where look_at is not null;
create index payouts_attempts_open on payouts_attempts (started_at)
  where status in ('SENDING', 'UNKNOWN');
create table payouts_evidence (
  payout_id ctext not null references payouts (id),
  number bigint not null,
  state ctext not null,
  rail_reference ctext not null,
  seen_at bigint not null,
  transfer_id ctext,
  primary key (payout_id, number, state, rail_reference),
  check (state in ('pending', 'paid', 'returned', 'failed'))
) strict;
