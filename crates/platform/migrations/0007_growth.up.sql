alter table seals add column format bigint not null default 1;
create table backfills (
  name ctext primary key,
  cursor ctext not null,
  done bigint not null,
  rows bigint not null,
  check (done in (0, 1))
) strict;
create index inbox_at on inbox (at);
drop index jobs_due;
create index jobs_due on jobs (kind, status, run_at, id);
create index jobs_leased on jobs (leased_until) where status = 'running';
create index jobs_dead on jobs (created_at, id) where status = 'dead';
