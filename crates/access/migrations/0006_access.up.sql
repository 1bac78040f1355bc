create table policy_decisions (
  id ctext primary key,
  at bigint not null,
  actor ctext not null,
  roles ctext not null,
  action ctext not null,
  result ctext not null,
  scope ctext not null,
  input_sha256 ctext not null,
  revision ctext not null,
  engine ctext not null,
  micros bigint not null,
  request_id ctext
) strict;
create index policy_decisions_at on policy_decisions (at, id);

alter table identity_users add column issuer ctext;
