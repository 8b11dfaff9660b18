//! Land: which parcels a family holds, with whom, and what burdens them.
//!
//! A couple has up to three parcels. Holders are the couple, one of them, or a spouse of another
//! family beside them; those who died may still stand in the register, or a child has inherited.

use super::{
    cells::{CELLS, Couple, Role, as_of},
    draw::{Draw, Permutation, Topic, date},
    facts::{
        AssetKind, AttachedAsset, CoOwner, Encumbrance, EncumbranceKind, LandUse, Parcel, Tenure,
        UseUntil,
    },
    family::{Family, Life},
    neighbours, number,
    places::Place,
    provinces::FORMER_PROVINCES,
};
use jiff::civil::Date;
use motlan_schemas::{date::PartialDate, language::Language};

const SLOTS: u32 = 3;
/// Of ten thousand couples, how many have a first, a second, a third parcel.
const HELD: [u32; SLOTS as usize] = [6800, 3000, 900];
/// Of ten thousand dead holders, how many still stand in the register.
const STILL_NAMED: u32 = 3500;
const SERIALS_ROOT: u32 = 10_000;

/// Every parcel that the member holds or shares.
pub(super) fn parcels(seed: u64, family: &Family, role: Role) -> Vec<Parcel> {
    let Some(life) = family.life(role) else {
        return Vec::new();
    };
    let own = (0..SLOTS).filter_map(|slot| parcel(seed, family, slot, life));
    let mut parcels: Vec<Parcel> = own.collect();
    if !matches!(role, Role::Child(_)) {
        parcels.extend((0..SLOTS).filter_map(|slot| {
            let couple = neighbours::partnered_by(seed, life.member, Topic::Parcel, slot)?;
            // Most parcels have no holder of another family: look before building that family.
            let shared = is_held(seed, couple, slot) && plan(seed, couple, slot).1 == Plan::Partner;
            shared
                .then(|| parcel(seed, &Family::of(seed, couple), slot, life))
                .flatten()
        }));
    }
    parcels
}

/// Who was entered when the parcel was registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Plan {
    #[default]
    Both,
    Husband,
    Wife,
    /// Both, and a spouse of another family.
    Partner,
}

fn is_held(seed: u64, couple: Couple, slot: u32) -> bool {
    let share = HELD.get(slot as usize).copied().unwrap_or_default();
    draw(seed, couple, slot).chance(share)
}

fn plan(seed: u64, couple: Couple, slot: u32) -> (Draw, Plan) {
    let mut draw = draw(seed, couple, slot);
    draw.any();
    let plan = draw.weighted(&[
        (66, Plan::Both),
        (18, Plan::Husband),
        (9, Plan::Wife),
        (7, Plan::Partner),
    ]);
    (draw, plan)
}

fn draw(seed: u64, couple: Couple, slot: u32) -> Draw {
    Draw::new(
        seed,
        Topic::Parcel,
        number::couple_id(couple) * u64::from(SLOTS) + u64::from(slot),
    )
}

/// The parcel in the subject's eyes; `None` when the subject holds no part of it.
fn parcel(seed: u64, family: &Family, slot: u32, subject: &Life) -> Option<Parcel> {
    let couple = family.couple;
    if !is_held(seed, couple, slot) {
        return None;
    }
    let (mut draw, plan) = plan(seed, couple, slot);
    let holders = holders(seed, &mut draw, family, slot, plan);
    if !holders.iter().any(|holder| holder.number == subject.number) {
        return None;
    }
    let moved = draw.chance(600);
    let place = if moved {
        Place::in_city(&mut draw)
    } else {
        Place::in_former(&mut draw, couple.province)
    }?;
    let (land_uses, attached_assets) = uses(&mut draw, place);
    let registered = draw.day_between(family.married.max(date(1994, 1, 1)), as_of());
    let certified = draw.chance(9300);
    let title = draw.chance(9700);
    let share = format!("1/{}", holders.len());
    let area_m2 = land_uses.iter().map(|land_use| land_use.area_m2).sum();
    let commune = place.commune.code().to_owned();
    Some(Parcel {
        parcel_id: format!("{commune}{:08}", serial(seed, couple, slot)),
        province: place.province.code().to_owned(),
        old_commune: draw.chance(8000).then(|| old_commune(&mut draw, place)),
        map_sheet: draw.between(1, 68).to_string(),
        parcel_number: draw.between(1, 940).to_string(),
        address: (!draw.chance(500)).then(|| place.address(&mut draw)),
        area_m2,
        use_until: land_uses.first()?.until,
        tenure: if holders.len() > 1 {
            Tenure::Common
        } else {
            Tenure::Sole
        },
        origin: title.then(|| draw.weighted(&ORIGINS)),
        certificate_number: certified.then(|| certificate_number(&mut draw)),
        certificate_book_number: certified.then(|| format!("CS{:05}", draw.between(1, 99_999))),
        certificate_date: certified.then_some(PartialDate::Full(registered)),
        certificate_office: certified.then(|| office(place)),
        co_owners: co_owners(seed, &holders, subject, &share),
        share,
        encumbrances: encumbrances(&mut draw, registered, certified),
        attached_assets,
        disputed: draw.chance(60),
        land_uses,
        commune,
    })
}

/// Who stands in the register today.
fn holders(seed: u64, draw: &mut Draw, family: &Family, slot: u32, plan: Plan) -> Vec<Life> {
    let (husband, wife) = (family.husband, family.wife);
    let husband_keeps = draw.chance(5000);
    let mut holders = match plan {
        Plan::Husband => vec![husband],
        Plan::Wife => vec![wife],
        // What was held in common goes to one of them when they separate.
        Plan::Both | Plan::Partner if family.separated.is_some() => {
            vec![if husband_keeps { husband } else { wife }]
        }
        Plan::Both | Plan::Partner => vec![husband, wife],
    };
    if plan == Plan::Partner {
        holders.extend(neighbours::partner(
            seed,
            family.couple,
            Topic::Parcel,
            slot,
        ));
    }
    let still_named = draw.chance(STILL_NAMED);
    if !still_named {
        holders.retain(Life::is_alive);
    }
    if holders.is_empty() {
        let heir = family
            .children()
            .find(|child| child.is_alive() && !child.is_minor());
        holders.extend(heir);
    }
    holders
}

fn co_owners(seed: u64, holders: &[Life], subject: &Life, share: &str) -> Vec<CoOwner> {
    let others = holders
        .iter()
        .filter(|holder| holder.number != subject.number);
    others
        .map(|holder| CoOwner {
            full_name: holder.full_name(seed),
            personal_id: Some(holder.number.text()),
            share: share.to_owned(),
        })
        .collect()
}

/// Uses with their areas, the main one first, and what stands on the land.
fn uses(draw: &mut Draw, place: Place) -> (Vec<LandUse>, Vec<AttachedAsset>) {
    let tenths = |tenths: u32| f64::from(tenths) / 10.0;
    let long_term = |code, area| LandUse {
        code,
        area_m2: tenths(area),
        until: UseUntil::LongTerm,
    };
    // Farm land is given for fifty years, most of it in 1993 and 2013.
    let until = UseUntil::Date(PartialDate::Full(date(draw.pick(&[2043, 2063]), 10, 15)));
    let farm = |code, area| LandUse {
        code,
        area_m2: tenths(area),
        until,
    };
    let house_area = draw.between(320, 1400);
    let house = AttachedAsset {
        kind: AssetKind::House,
        area_m2: tenths(house_area),
        floors: (!draw.chance(1200)).then(|| u8::try_from(draw.between(1, 5)).unwrap_or(1)),
    };
    if place.is_urban() {
        let home = long_term("ODT", house_area + draw.between(0, 1200));
        let garden = draw
            .chance(2200)
            .then(|| farm("CLN", draw.between(200, 6000)));
        return (std::iter::once(home).chain(garden).collect(), vec![house]);
    }
    match draw.below(10) {
        0..5 => {
            let home = long_term("ONT", house_area + draw.between(400, 3600));
            let garden = draw
                .chance(6000)
                .then(|| farm("CLN", draw.between(500, 15_000)));
            (std::iter::once(home).chain(garden).collect(), vec![house])
        }
        5..8 => (vec![farm("LUC", draw.between(3000, 60_000))], Vec::new()),
        8 => {
            let code = draw.pick(&["HNK", "NTS"]);
            (vec![farm(code, draw.between(2000, 50_000))], Vec::new())
        }
        _ => {
            let area = draw.between(8000, 200_000);
            let trees = AttachedAsset {
                kind: AssetKind::PlantedForest,
                area_m2: tenths(area),
                floors: None,
            };
            (vec![farm("RSX", area)], vec![trees])
        }
    }
}

fn encumbrances(draw: &mut Draw, registered: Date, certified: bool) -> Vec<Encumbrance> {
    let mut encumbrances = Vec::new();
    let mut burden = |draw: &mut Draw, kind, holder: &str, reference: String| {
        let since = PartialDate::Full(draw.day_between(registered.max(date(2015, 1, 1)), as_of()));
        let reference = Some(reference).filter(|_| !draw.chance(800));
        encumbrances.push(Encumbrance {
            kind,
            holder: holder.to_owned(),
            since,
            reference,
        });
    };
    if certified && draw.chance(2100) {
        let bank = draw.pick(&BANKS);
        let reference = format!("{}/HĐTC", draw.between(1000, 99_999));
        burden(draw, EncumbranceKind::Mortgage, bank, reference);
    }
    if draw.chance(50) {
        let reference = format!("{}/QĐ-CCTHADS", draw.between(1, 400));
        burden(
            draw,
            EncumbranceKind::Seizure,
            "Thi hành án dân sự",
            reference,
        );
    }
    if draw.chance(150) {
        let reference = format!("{}/QĐ-UBND", draw.between(1, 4000));
        burden(
            draw,
            EncumbranceKind::Restriction,
            "Hành lang bảo vệ công trình",
            reference,
        );
    }
    encumbrances
}

/// Unique in the former province: a keyed permutation of couple and slot.
fn serial(seed: u64, couple: Couple, slot: u32) -> u64 {
    let province = FORMER_PROVINCES
        .get(couple.province)
        .map_or(0, |province| province.code);
    let place = u64::from(CELLS.place_in_province(couple)) * u64::from(SLOTS) + u64::from(slot);
    Permutation::new(seed, 1 << 42 | u64::from(province), SERIALS_ROOT).apply(place)
}

/// Two letters and eight digits, as printed on the paper.
fn certificate_number(draw: &mut Draw) -> String {
    let letters = draw.pick(&["AA", "BK", "BY", "CD", "CM", "CT", "DB", "DĐ", "DK"]);
    format!("{letters} {:08}", draw.between(100_000, 99_999_999))
}

/// Most present communes were merged of two or three, numbered or named after their parts.
fn old_commune(draw: &mut Draw, place: Place) -> String {
    let title = place.commune.title(Language::Vi);
    let bare = title.split_once(' ').map_or(title, |(_, name)| name);
    let kind = if place.is_urban() {
        draw.pick(&["Phường", "Thị trấn"])
    } else {
        "Xã"
    };
    format!(
        "{kind} {bare}{}",
        draw.pick(&["", " Đông", " Tây", " Thượng", " Hạ"])
    )
}

fn office(place: Place) -> String {
    format!(
        "Văn phòng đăng ký đất đai {}",
        place.province.title(Language::Vi)
    )
}

const ORIGINS: [(u32, &str); 5] = [
    (
        45,
        "Công nhận quyền sử dụng đất như giao đất có thu tiền sử dụng đất",
    ),
    (25, "Nhận chuyển nhượng quyền sử dụng đất"),
    (15, "Nhận thừa kế quyền sử dụng đất"),
    (10, "Nhà nước giao đất không thu tiền sử dụng đất"),
    (5, "Nhận tặng cho quyền sử dụng đất"),
];
const BANKS: [&str; 6] = [
    "Ngân hàng Nông nghiệp và Phát triển Nông thôn Việt Nam",
    "Ngân hàng TMCP Đầu tư và Phát triển Việt Nam",
    "Ngân hàng TMCP Công thương Việt Nam",
    "Ngân hàng TMCP Ngoại thương Việt Nam",
    "Ngân hàng Chính sách xã hội",
    "Quỹ tín dụng nhân dân",
];
