drop table bus_parked;
drop table bus_versions;
drop table leases;
