create table leases (
  name ctext primary key,
  holder ctext not null,
  until bigint not null
) strict;

create table bus_versions (
  consumer ctext not null,
  aggregate ctext not null,
  version bigint not null,
  primary key (consumer, aggregate)
) strict;

create table bus_parked (
  consumer ctext not null,
  aggregate ctext not null,
  aggregate_version bigint not null,
  envelope ctext not null,
  parked_at bigint not null,
  primary key (consumer, aggregate, aggregate_version)
) strict;
