//! The layouts that samples are written in.

use std::fmt::Write;

use kernel::{Exact, Month};

use super::Sample;
use super::rows::{COUNTRIES, RowFacts, STORES};

/// A layout the generator can write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SampleLayout {
    /// DistroKid, tab-separated, 13 columns, CRLF.
    DistrokidTsv,
    /// DistroKid, comma-separated, 15 columns.
    DistrokidCsv,
    /// TuneCore.
    TuneCore,
    /// TuneCore, of an account in another currency.
    TuneCoreIn(&'static str),
    /// CD Baby, tab-separated.
    CdBaby,
    /// Symphonic.
    Symphonic,
    /// Beatport: does not say its currency.
    Beatport,
    /// The Orchard, European CSV: `;` and decimal comma, EUR.
    OrchardEu,
}

impl SampleLayout {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::DistrokidTsv,
        Self::DistrokidCsv,
        Self::TuneCore,
        Self::CdBaby,
        Self::Symphonic,
        Self::Beatport,
        Self::OrchardEu,
    ];

    /// A file name that such a statement might have.
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::DistrokidTsv => "distrokid-bank-details.tsv",
            Self::DistrokidCsv => "distrokid-earnings.csv",
            Self::TuneCore | Self::TuneCoreIn(_) => "tunecore-sales-report.csv",
            Self::CdBaby => "cdbaby-net-sales.txt",
            Self::Symphonic => "symphonic-royalty-report.csv",
            Self::Beatport => "beatport-statement.csv",
            Self::OrchardEu => "orchard-full-report-eu.csv",
        }
    }

    /// Currency of the amounts it writes.
    pub const fn currency(self) -> &'static str {
        match self {
            Self::OrchardEu | Self::Beatport => "EUR",
            Self::TuneCoreIn(currency) => currency,
            _ => "USD",
        }
    }

    pub(super) fn header(self, out: &mut String) {
        out.push_str(match self {
            Self::DistrokidTsv => {
                "Reporting Date\tSale Month\tStore\tArtist\tTitle\tISRC\tUPC\tQuantity\t\
                 Team Percentage\tSong/Album\tCountry of Sale\tSongwriter Royalties Withheld\t\
                 Earnings (USD)\r\n"
            }
            Self::DistrokidCsv => {
                "Date Inserted,Reporting Date,Sale Month,Store,Artist,Title,ISRC,UPC,Quantity,\
                 Team Percentage,Source Type,Country of Sale,\
                 Songwriter Royalties Withheld (USD),Recoup (USD),Earnings (USD)\n"
            }
            Self::TuneCore | Self::TuneCoreIn(_) => {
                "Sales Period,Posted Date,Store Name,Country Of Sale,Artist,Release Type,\
                 Release Title,Song Title,Label,UPC,Optional UPC,TC Song ID,Optional ISRC,\
                 Sales Type,# Units Sold,Per Unit Price,Net Sales,Net Sales Currency,\
                 Exchange Rate,Total Earned,Currency\n"
            }
            Self::CdBaby => {
                "Report Date\tSales Date\tQuantity\tPrice\tSubtotal\tIsrc\tBarcode\tCDBabySku\t\
                 Album Name\tArtist Name\tTrack Name\tPartner Name\tTransaction Type\t\
                 Delivery Country\r\n"
            }
            Self::Symphonic => {
                "Reporting Period,Label,Release Name,Release Version,Release Artists,UPC Code,\
                 Catalogue,Track Title,Mix Version,ISRC Code,Track Artists,\
                 Digital Service Provider,Activity Period,Territory,Delivery,Content Type,\
                 Sale or Void,Count,Royalty ($US)\n"
            }
            Self::Beatport => {
                "PRODUCT_UPC,PRODUCT_CATALOGUE_NUMBER,TRACK_ISRC_CODE,TRACK_ID,LABEL,RELEASE,\
                 TRACK_TITLE,TRACK_ARTIST,REMIXER_NAME,REMIX,TERRITORY,PURCHASE_STATUS,FORMAT,\
                 DELIVERY,TRANSACTION_DATE,CONTENT_TYPE,TRACK_COUNT,GROSS_CONTENT_REVENUE,\
                 GROSS_WAV_REVENUE,PAID_PRICE,NET_CONTENT_REVENUE,NET_WAV_REVENUE,\
                 MECHANICAL_WITHHOLDING,US_TAX_WITHHOLDING,WITHHELD_AMOUNT,\
                 US_TAX_WITHHOLDING_PERCENT,US_TAX_WITHHOLDING_COMPLIANCY_STATUS,NET_TOTAL,\
                 SALE_TYPE\n"
            }
            Self::OrchardEu => {
                "Period;Activity Period;DMS;Territory;Orchard UPC;Manufacturer's UPC;\
                 Label Catalog #;Imprint Label;Artist Name;Release Name;Track Name;ISRC;Volume;\
                 Track #;Quantity;Trans Type;Label Share Net Receipts;Preferred Currency\r\n"
            }
        });
    }

    /// Writes one row and answers its earnings as written.
    pub(super) fn row(self, sample: &Sample, row: &RowFacts, out: &mut String) -> Exact {
        let amount = match self {
            Self::DistrokidTsv | Self::DistrokidCsv | Self::CdBaby => Exact(row.amount),
            _ => Exact(row.amount / 1_000_000 * 1_000_000),
        };
        let facts = Facts::new(sample, row);
        // Writing into a String cannot fail.
        let _ = match self {
            Self::DistrokidTsv => facts.distrokid_tsv(amount, out),
            Self::DistrokidCsv => facts.distrokid_csv(amount, out),
            Self::TuneCore | Self::TuneCoreIn(_) => {
                facts.tunecore(amount, sample.layout.currency(), out)
            }
            Self::CdBaby => facts.cdbaby(amount, out),
            Self::Symphonic => facts.symphonic(amount, out),
            Self::Beatport => facts.beatport(amount, out),
            Self::OrchardEu => facts.orchard(amount, out),
        };
        amount
    }
}

const NAMES: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

struct Facts<'a> {
    artist: &'a str,
    title: &'a str,
    month: Month,
    posted: Month,
    store: &'static str,
    country: (&'static str, &'static str, &'static str),
    units: i64,
    work: usize,
    catalogue: u64,
}

impl<'a> Facts<'a> {
    fn new(sample: &'a Sample, row: &RowFacts) -> Self {
        let (two, three, name, _) = COUNTRIES[row.country];
        Self {
            artist: &sample.artist,
            title: sample.titles.get(row.work).map_or("", String::as_str),
            month: row.month,
            posted: row.month.plus(2),
            store: STORES[row.store].0,
            country: (two, three, name),
            units: row.units,
            work: row.work,
            catalogue: sample.seed % 90_000,
        }
    }

    fn isrc(&self) -> String {
        format!("SEK0A{:07}", self.catalogue * 17 % 9_999_000 + self.work as u64)
    }

    fn upc(&self) -> String {
        format!("7350{:08}", self.catalogue * 97 + self.work as u64 / 8)
    }

    fn distrokid_tsv(&self, amount: Exact, out: &mut String) -> std::fmt::Result {
        write!(
            out,
            "{}-14\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t100%\tSong\t{}\t0\t{amount}\r\n",
            self.posted,
            self.month,
            self.store,
            self.artist,
            self.title,
            self.isrc(),
            self.upc(),
            self.units,
            self.country.0,
        )
    }

    fn distrokid_csv(&self, amount: Exact, out: &mut String) -> std::fmt::Result {
        writeln!(
            out,
            "{}-15,{}-14,{},{},\"{}\",\"{}\",{},{},{},100%,Song,{},0,0,{amount}",
            self.posted,
            self.posted,
            self.month,
            self.store,
            self.artist,
            self.title,
            self.isrc(),
            self.upc(),
            self.units,
            self.country.0,
        )
    }

    fn tunecore(&self, amount: Exact, currency: &str, out: &mut String) -> std::fmt::Result {
        writeln!(
            out,
            "{},{}-20,{},{},{},Single,\"{}\",\"{}\",Own label,{},,{},{},Stream,{},0.004,\
             {amount},{currency},1,{amount},{currency}",
            self.month,
            self.posted,
            self.store,
            self.country.0,
            self.artist,
            self.title,
            self.title,
            self.upc(),
            4_000_000 + self.work,
            self.isrc(),
            self.units,
        )
    }

    fn cdbaby(&self, amount: Exact, out: &mut String) -> std::fmt::Result {
        let (m, p) = (self.month, self.posted);
        write!(
            out,
            "{}/20/{} 12:00:00 AM\t{}/15/{} 12:00:00 AM\t{}\t{amount}\t{amount}\t{}\t{}\t\
             {:06}\tCollected\t{}\t{}\t{}\tStream\t{}\r\n",
            p.month(),
            p.year(),
            m.month(),
            m.year(),
            self.units,
            self.isrc().to_ascii_lowercase(),
            self.upc(),
            self.catalogue,
            self.artist,
            self.title,
            self.store,
            self.country.2,
        )
    }

    fn symphonic(&self, amount: Exact, out: &mut String) -> std::fmt::Result {
        let name = NAMES[self.month.month() as usize - 1];
        let posted = NAMES[self.posted.month() as usize - 1];
        writeln!(
            out,
            "{}-{:02},Own Records,\"{}\",,{},{},OWN{:03},\"{}\",,{},{},{},{name} {},{},\
             Streaming,Single,Sale,{},{amount}",
            posted[..3].to_ascii_uppercase(),
            self.posted.year() % 100,
            self.title,
            self.artist,
            self.upc(),
            self.work,
            self.title,
            self.isrc(),
            self.artist,
            self.store,
            self.month.year(),
            self.country.1,
            self.units,
        )
    }

    fn beatport(&self, amount: Exact, out: &mut String) -> std::fmt::Result {
        writeln!(
            out,
            "{},OWN{:03},{},{},\"Own Records\",\"{}\",\"{}\",\"{}\",,\"Original Mix\",{},\
             Classic,mp3,download,{}-17,single,{},0,0.00,0,0,0.0,0,0.00,0,0.0000,1,{amount},Sale",
            self.upc(),
            self.work,
            self.isrc(),
            9_000_000 + self.work,
            self.title,
            self.title,
            self.artist,
            self.country.1,
            self.month,
            self.units,
        )
    }

    fn orchard(&self, amount: Exact, out: &mut String) -> std::fmt::Result {
        write!(
            out,
            "{}M{};{}M{};{};{};{};;OWN{:03};Own Records;{};{};{};{};1;1;{};ST;{};EUR\r\n",
            self.posted.year(),
            self.posted.month(),
            self.month.year(),
            self.month.month(),
            self.store,
            self.country.2,
            self.upc(),
            self.work,
            self.artist,
            self.title,
            self.title,
            self.isrc(),
            self.units,
            amount.to_string().replace('.', ","),
        )
    }
}
