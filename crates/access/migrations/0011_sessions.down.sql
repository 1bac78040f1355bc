drop table identity_marks;

drop table identity_login_failures;
create table identity_login_failures (
  address ctext primary key,
  failures bigint not null,
  since bigint not null,
  blocked_until bigint not null
) strict;

drop index identity_sessions_expires;
drop index identity_sessions_user;
delete from identity_sessions;
alter table identity_sessions drop column turned_at;
alter table identity_sessions drop column turn;
alter table identity_sessions add column refresh_digest ctext not null default '';
alter table identity_sessions add column previous_digest ctext;
create unique index identity_sessions_refresh on identity_sessions (refresh_digest);
create index identity_sessions_previous on identity_sessions (previous_digest);
