//! Check digits that a country's own account numbers carry inside an IBAN.
//!
//! An IBAN's two check digits prove only that it was copied as it was written; where a country
//! has its own, they catch an account that was wrong before an IBAN was made of it. Sources: ECBS
//! Technical Report 201, *Register of European Account Numbers*, and the national decrees it
//! names. A country that is not here has none, or none that holds for every bank.

/// Whether the account of an IBAN, whose form was checked before, fits its country's own check
/// digits; true where there are none.
pub(super) fn fits(iban: &str) -> bool {
    let (Some(country), Some(bban)) = (iban.get(..2), iban.get(4..)) else { return false };
    // Whatever is no digit counts in Italy and France only, which turn letters themselves.
    let digits: Vec<u32> = bban.chars().map(|c| c.to_digit(10).unwrap_or(0)).collect();
    match country {
        "BE" => {
            let remainder = modulo_97(&digits[..10]);
            modulo_97(&digits[10..]) == if remainder == 0 { 97 } else { remainder }
        }
        "PT" | "SI" | "RS" | "BA" | "ME" | "MK" => modulo_97(&digits) == 1,
        "FR" | "MC" => french(bban),
        "ES" => spanish(&digits),
        "IT" | "SM" => italian(bban),
        "NO" => norwegian(&digits),
        "FI" => luhn(&digits),
        "PL" => weighed(&digits[..8], &[3, 9, 7, 1, 3, 9, 7, 1]).is_multiple_of(10),
        "HR" => modulo_11_10(&digits[..7]) && modulo_11_10(&digits[7..]),
        "CZ" | "SK" => {
            let (prefix, account) = (&digits[4..10], &digits[10..]);
            weighed(prefix, &[10, 5, 8, 4, 2, 1]).is_multiple_of(11)
                && weighed(account, &[6, 3, 7, 9, 10, 5, 8, 4, 2, 1]).is_multiple_of(11)
        }
        "HU" => {
            let ends_in_ten = |part: &[u32]| {
                part.chunks(4).map(|four| weighed(four, &[9, 7, 3, 1])).sum::<u32>() % 10 == 0
            };
            ends_in_ten(&digits[..8]) && ends_in_ten(&digits[8..])
        }
        _ => true,
    }
}

/// The sum of each digit times its weight.
fn weighed(digits: &[u32], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(d, w)| d * w).sum()
}

/// The number that the digits write, modulo 97 (ISO 7064 MOD 97-10 leaves 1).
fn modulo_97(digits: &[u32]) -> u32 {
    digits.iter().fold(0, |r, d| (r * 10 + d) % 97)
}

/// ISO 7064 MOD 11,10, the last digit being the check digit.
fn modulo_11_10(digits: &[u32]) -> bool {
    let Some((last, others)) = digits.split_last() else { return false };
    let product = others.iter().fold(10, |p, d| {
        let sum = (p + d) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    (product + last) % 10 == 1
}

fn luhn(digits: &[u32]) -> bool {
    let sum = digits.iter().rev().enumerate().fold(0, |sum, (n, d)| {
        let d = if n % 2 == 1 { d * 2 } else { *d };
        sum + d / 10 + d % 10
    });
    sum.is_multiple_of(10)
}

/// Clé RIB: letters count as the digits of a punched card.
fn french(bban: &str) -> bool {
    let number = |part: &str| {
        part.chars().fold(0_u32, |r, c| {
            let d = match c {
                'A'..='I' => u32::from(c) - u32::from('A') + 1,
                'J'..='R' => u32::from(c) - u32::from('J') + 1,
                'S'..='Z' => u32::from(c) - u32::from('S') + 2,
                _ => c.to_digit(10).unwrap_or(0),
            };
            (r * 10 + d) % 97
        })
    };
    let (bank, branch, account, key) = (&bban[..5], &bban[5..10], &bban[10..21], &bban[21..]);
    (number(bank) * 89 + number(branch) * 15 + number(account) * 3 + number(key)).is_multiple_of(97)
}

/// Dígitos de control: one for bank and branch, one for the account.
fn spanish(digits: &[u32]) -> bool {
    let check = |part: &[u32], weights: &[u32]| match 11 - weighed(part, weights) % 11 {
        11 => 0,
        10 => 1,
        digit => digit,
    };
    check(&digits[..8], &[4, 8, 5, 10, 9, 7, 3, 6]) == digits[8]
        && check(&digits[10..], &[1, 2, 4, 8, 5, 10, 9, 7, 3, 6]) == digits[9]
}

/// What a character in an odd place counts in a CIN.
const ODD: [u32; 26] =
    [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

/// CIN: a letter before bank, branch and account.
fn italian(bban: &str) -> bool {
    let mut characters = bban.chars();
    let cin = characters.next();
    let sum = characters.enumerate().fold(0, |sum, (n, c)| {
        let value = c.to_digit(10).unwrap_or_else(|| u32::from(c).saturating_sub(65));
        sum + if n % 2 == 0 { ODD.get(value as usize).copied().unwrap_or(0) } else { value }
    });
    cin.is_some_and(|c| u32::from(c) == u32::from('A') + sum % 26)
}

/// Modulo 11 over all eleven digits; accounts of the old kind 00 have it over their last five.
fn norwegian(digits: &[u32]) -> bool {
    let whole = weighed(digits, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11);
    let old = digits[4..6] == [0, 0] && weighed(&digits[6..], &[5, 4, 3, 2, 1]).is_multiple_of(11);
    whole || old
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of the SWIFT IBAN register.
    const REGISTER: &[&str] = &[
        "BE68539007547034",
        "FR1420041010050500013M02606",
        "MC5811222000010123456789030",
        "ES9121000418450200051332",
        "IT60X0542811101000000123456",
        "SM86U0322509800000000270100",
        "NO9386011117947",
        "FI2112345600000785",
        "PT50000201231234567890154",
        "SI56263300012039086",
        "RS35260005601001611379",
        "BA391290079401028494",
        "ME25505000012345678951",
        "MK07250120000058984",
        "PL61109010140000071219812874",
        "HR1210010051863000160",
        "CZ6508000000192000145399",
        "SK3112000000198742637541",
        "HU42117730161111101800000000",
        "DE89370400440532013000",
        "SE4550000000058398257466",
        "GB82WEST12345698765432",
        "NL91ABNA0417164300",
    ];

    #[test]
    fn the_examples_of_the_register_fit() {
        for iban in REGISTER {
            assert!(fits(iban), "{iban}");
        }
    }

    /// One digit more or less, in each place that the check digits cover.
    #[test]
    fn one_wrong_digit_does_not_fit() {
        for iban in REGISTER.iter().take_while(|i| !i.starts_with("DE")) {
            let (mut tried, mut caught) = (0, 0);
            for place in 4..iban.len() {
                let c = iban.as_bytes()[place];
                if !c.is_ascii_digit() {
                    continue;
                }
                let other = char::from(b'0' + (c - b'0' + 1) % 10);
                let wrong = format!("{}{other}{}", &iban[..place], &iban[place + 1..]);
                tried += 1;
                caught += usize::from(!fits(&wrong));
            }
            // Poland's cover the bank, the Czech and Slovak ones the account.
            let bar = if iban.starts_with("PL") { 8 } else { tried - 4 };
            assert!(caught >= bar, "{iban}: {caught} of {tried}");
        }
    }
}
