create table creators (
  id ctext primary key,
  platform ctext not null,
  platform_id ctext not null,
  username ctext not null,
  display_name ctext not null,
  email ctext,
  country ctext,
  search ctext not null,
  recipient_id ctext,
  created_at bigint not null
) strict;
create unique index creators_platform on creators (platform, platform_id);

create table creators_recipients (
  id ctext primary key,
  creator_id ctext not null references creators (id),
  holder_name ctext not null,
  kind ctext not null,
  account ctext not null,
  created_at bigint not null
) strict;

create table statements (
  id ctext primary key,
  creator_id ctext not null references creators (id),
  file_name ctext not null,
  sha256 ctext not null,
  size_bytes bigint not null,
  status ctext not null,
  format ctext,
  format_name ctext,
  currency ctext,
  month_from bigint,
  month_to bigint,
  rows bigint not null,
  total ctext,
  summary ctext not null,
  mapping ctext,
  created_at bigint not null,
  check (status in ('needs_mapping', 'ready', 'confirmed'))
) strict;
create unique index statements_file on statements (creator_id, sha256);

create table statements_cells (
  statement_id ctext primary key references statements (id),
  cells bytea not null
) strict;

create table statements_layouts (
  hash ctext primary key,
  mapping ctext not null,
  created_at bigint not null
) strict;

create table offers (
  number serial8 primary key,
  id ctext not null,
  creator_id ctext not null references creators (id),
  kind ctext not null,
  title ctext not null,
  description ctext not null,
  requested bigint,
  currency ctext not null,
  term_years bigint,
  share_bp bigint not null,
  works ctext,
  statement_ids ctext not null,
  language ctext not null,
  status ctext not null,
  round bigint not null,
  price_low bigint,
  price_median bigint,
  price_high bigint,
  confidence_bp bigint,
  offered bigint,
  expires_at bigint,
  term_sheet_sha256 ctext,
  term_sheet_size bigint,
  receipt_sha256 ctext,
  receipt_size bigint,
  payout_id ctext,
  acceptance ctext,
  guard_rails ctext not null,
  failure ctext,
  search ctext not null,
  version bigint not null,
  created_at bigint not null,
  updated_at bigint not null
) strict;
create unique index offers_id on offers (id);
create index offers_status on offers (status, created_at);
create index offers_creator on offers (creator_id);
create index offers_created on offers (created_at, id);
create index offers_updated on offers (updated_at, id);
create index offers_amount on offers (coalesce(offered, 0), id);
create index offers_title on offers (title, id);

create table offers_timeline (
  offer_id ctext not null,
  version bigint not null,
  at bigint not null,
  topic ctext not null,
  actor ctext not null,
  payload ctext not null,
  primary key (offer_id, version)
) strict;

create table valuations (
  offer_id ctext not null,
  round bigint not null,
  report ctext not null,
  created_at bigint not null,
  primary key (offer_id, round)
) strict;

create table payouts (
  id ctext primary key,
  offer_id ctext not null,
  creator_id ctext not null,
  recipient_id ctext not null,
  amount bigint not null,
  currency ctext not null,
  status ctext not null,
  rail ctext not null,
  hold_id ctext not null,
  failure_reason ctext,
  created_at bigint not null,
  updated_at bigint not null
) strict;
create index payouts_offer on payouts (offer_id);
create index payouts_status on payouts (status, updated_at);

create table payouts_attempts (
  payout_id ctext not null references payouts (id),
  number bigint not null,
  rail ctext not null,
  idempotency_key ctext not null,
  status ctext not null,
  rail_reference ctext,
  error_code ctext,
  error_message ctext,
  read_backs bigint not null,
  started_at bigint not null,
  updated_at bigint not null,
  primary key (payout_id, number)
) strict;
create unique index payouts_attempts_key on payouts_attempts (idempotency_key);
