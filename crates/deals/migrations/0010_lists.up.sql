create table deals_words (
  kind ctext not null,
  word ctext not null,
  id ctext not null,
  primary key (kind, word, id)
) strict;

create table offers_counts (
  status ctext not null,
  currency ctext not null,
  bucket bigint not null,
  offers bigint not null,
  offered_high bigint not null,
  offered_low bigint not null,
  primary key (status, currency, bucket)
) strict;
insert into offers_counts (status, currency, bucket, offers, offered_high, offered_low)
  select status, currency, number % 16, count(*),
    cast(sum(coalesce(offered, 0) / 1000000000) as bigint),
    cast(sum(coalesce(offered, 0) % 1000000000) as bigint)
  from offers group by status, currency, number % 16;

drop index offers_status;
drop index offers_creator;
create index offers_status_created on offers (status, created_at, id);
create index offers_status_updated on offers (status, updated_at, id);
create index offers_status_amount on offers (status, coalesce(offered, 0), id);
create index offers_status_title on offers (status, title, id);
create index offers_creator_created on offers (creator_id, created_at, id);
create index offers_expiring on offers (status, expires_at, id);
create index offers_term_sheet on offers (term_sheet_sha256);
create index offers_receipt on offers (receipt_sha256);
create index creators_name on creators (display_name, id);
drop index payouts_offer;
create index payouts_offer on payouts (offer_id, id);
