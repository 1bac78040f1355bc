create table seq (
  name ctext primary key,
  at bigint not null
) strict;
insert into seq (name, at) values ('outbox', 0), ('audit', 0), ('ledger', 0);

create table outbox (
  id serial8 primary key,
  pos bigint,
  event_id ctext not null,
  topic ctext not null,
  version bigint not null,
  aggregate ctext not null,
  aggregate_version bigint not null,
  occurred_at bigint not null,
  actor ctext not null,
  trace ctext,
  request ctext,
  payload ctext not null
) strict;
create unique index outbox_pos on outbox (pos);
create unique index outbox_aggregate on outbox (aggregate, aggregate_version);

create table inbox (
  consumer ctext not null,
  event_id ctext not null,
  at bigint not null,
  primary key (consumer, event_id)
) strict;

create table consumer_offsets (
  consumer ctext primary key,
  pos bigint not null,
  failed bigint not null,
  last_error ctext
) strict;

create table jobs (
  id ctext primary key,
  kind ctext not null,
  unique_key ctext,
  payload ctext not null,
  status ctext not null,
  run_at bigint not null,
  attempts bigint not null,
  max_attempts bigint not null,
  leased_until bigint,
  lease ctext,
  progress_done bigint not null,
  progress_total bigint not null,
  last_error ctext,
  request ctext,
  trace ctext,
  created_at bigint not null,
  check (status in ('queued', 'running', 'dead'))
) strict;
create unique index jobs_key on jobs (kind, unique_key);
create index jobs_due on jobs (status, run_at);

create table audit (
  id serial8 primary key,
  pos bigint,
  at bigint not null,
  actor ctext not null,
  action ctext not null,
  subject ctext not null,
  details ctext not null,
  request ctext,
  address ctext
) strict;
create unique index audit_pos on audit (pos);

create table seals (
  chain ctext not null,
  upto bigint not null,
  since bigint not null,
  digest ctext not null,
  previous ctext not null,
  sealed_at bigint not null,
  primary key (chain, upto)
) strict;

create table idempotency (
  scope ctext not null,
  key ctext not null,
  digest ctext not null,
  answer ctext not null,
  created_at bigint not null,
  primary key (scope, key)
) strict;
