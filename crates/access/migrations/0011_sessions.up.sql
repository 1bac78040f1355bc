drop index identity_sessions_refresh;
drop index identity_sessions_previous;
alter table identity_sessions drop column refresh_digest;
alter table identity_sessions drop column previous_digest;
alter table identity_sessions add column turn bigint not null default 0;
alter table identity_sessions add column turned_at bigint not null default 0;
create index identity_sessions_user on identity_sessions (user_id, created_at);
create index identity_sessions_expires on identity_sessions (expires_at);

drop table identity_login_failures;
create table identity_login_failures (
  address ctext not null,
  account ctext not null,
  failures bigint not null,
  last_at bigint not null,
  primary key (address, account)
) strict;
create index identity_login_failures_account on identity_login_failures (account, last_at);
create index identity_login_failures_last on identity_login_failures (last_at);

create table identity_marks (
  name ctext primary key,
  at bigint not null
) strict;
