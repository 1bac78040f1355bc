create table payouts_evidence_narrower (
  payout_id ctext not null references payouts (id),
  number bigint not null,
  state ctext not null,
  rail_reference ctext not null,
  seen_at bigint not null,
  transfer_id ctext,
  primary key (payout_id, number, state, rail_reference),
  check (state in ('pending', 'paid', 'returned', 'failed'))
) strict;
insert into payouts_evidence_narrower
  (payout_id, number, state, rail_reference, seen_at, transfer_id)
  select payout_id, number, state, rail_reference, seen_at, transfer_id from payouts_evidence
  where state <> 'unheard';
drop table payouts_evidence;
alter table payouts_evidence_narrower rename to payouts_evidence;
