create table identity_users (
  id ctext primary key,
  username ctext not null,
  display_name ctext not null,
  password_hash ctext not null,
  roles ctext not null,
  subject ctext,
  disabled bigint not null,
  created_at bigint not null,
  updated_at bigint not null
) strict;
create unique index identity_users_name on identity_users (username);

create table identity_sessions (
  id ctext primary key,
  user_id ctext not null references identity_users (id),
  refresh_digest ctext not null,
  previous_digest ctext,
  address ctext,
  created_at bigint not null,
  expires_at bigint not null,
  revoked_at bigint
) strict;
create unique index identity_sessions_refresh on identity_sessions (refresh_digest);
create index identity_sessions_previous on identity_sessions (previous_digest);

create table identity_keys (
  kid ctext primary key,
  wrapped bytea not null,
  public_jwk ctext not null,
  created_at bigint not null,
  retired_at bigint
) strict;

create table identity_login_failures (
  address ctext primary key,
  failures bigint not null,
  since bigint not null,
  blocked_until bigint not null
) strict;
