drop index jobs_dead;
drop index jobs_leased;
drop index jobs_due;
create index jobs_due on jobs (status, run_at);
drop index inbox_at;
drop table backfills;
alter table seals drop column format;
