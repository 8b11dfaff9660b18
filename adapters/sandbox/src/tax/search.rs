//! A search of the tax registry: read from a JSON body, and the fields that it names.

use super::records::Kind;
use crate::{
    exchange::{pick, with},
    faults::Fault,
};
use serde::Deserialize;
use serde_json::{Value, json};

/// A search that can be answered.
#[derive(Debug, Clone)]
pub(super) struct Search {
    pub(super) kind: Kind,
    pub(super) taxpayer: String,
    pub(super) fields: Vec<String>,
    pub(super) page_size: usize,
    pub(super) offset: usize,
}

/// Why a body is no search, with the names of what is wrong. A name that is not known is not
/// repeated: it may be anything.
#[derive(Debug)]
pub(super) enum Mistake {
    Malformed(Vec<&'static str>),
    NotAllowed(Vec<&'static str>),
    Expired,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    #[serde(rename = "loaiDuLieu")]
    kind: Option<String>,
    #[serde(rename = "maSoThue")]
    taxpayer: Option<String>,
    #[serde(rename = "truong")]
    fields: Option<Vec<String>>,
    #[serde(rename = "kichThuocTrang")]
    page_size: Option<usize>,
    #[serde(rename = "conTro")]
    cursor: Option<String>,
}

impl Search {
    /// Reads a first search, or the search of a cursor.
    pub(super) fn read(
        body: &[u8],
        recall: impl Fn(&str) -> Option<Self>,
    ) -> Result<Self, Mistake> {
        let body: Body =
            serde_json::from_slice(body).map_err(|_| Mistake::Malformed(Vec::new()))?;
        match body {
            Body {
                cursor: Some(cursor),
                kind: None,
                taxpayer: None,
                fields: None,
                page_size: None,
            } => recall(&cursor).ok_or(Mistake::Expired),
            Body {
                cursor: Some(_), ..
            } => Err(Mistake::Malformed(vec!["conTro"])),
            body => Self::first(body),
        }
    }

    fn first(body: Body) -> Result<Self, Mistake> {
        let kind = body.kind.as_deref().and_then(Kind::named);
        let kind = kind.ok_or(Mistake::Malformed(vec!["loaiDuLieu"]))?;
        let taxpayer = body.taxpayer.filter(|code| is_tax_code(code));
        let taxpayer = taxpayer.ok_or(Mistake::Malformed(vec!["maSoThue"]))?;
        let fields = body.fields.filter(|fields| !fields.is_empty());
        let fields = fields.ok_or(Mistake::Malformed(vec!["truong"]))?;
        let asked = |field: &&&str| fields.iter().any(|asked| asked == **field);
        let withheld: Vec<_> = WITHHELD.iter().filter(asked).copied().collect();
        if !withheld.is_empty() {
            return Err(Mistake::NotAllowed(withheld));
        }
        if fields
            .iter()
            .any(|field| !kind.fields().contains(&&**field))
        {
            return Err(Mistake::Malformed(vec!["truong"]));
        }
        Ok(Self {
            kind,
            taxpayer,
            fields,
            page_size: body.page_size.unwrap_or(PAGE_MAX).clamp(1, PAGE_MAX),
            offset: 0,
        })
    }

    /// The same search, one page further on.
    pub(super) fn further(mut self) -> Self {
        self.offset += self.page_size;
        self
    }

    /// The fields of a record that were asked for, and those that always come.
    pub(super) fn shown(&self, record: Value, fault: Fault) -> Value {
        if fault == Fault::OverDelivery {
            let more = json!({
                "diaChi": "Số 1 phố Thử Nghiệm",
                "soDienThoai": "0900000000",
                "taiKhoanNganHang": "0000000000",
            });
            return with(record, more);
        }
        let asked = self.fields.iter().map(String::as_str);
        pick(&record, asked.chain(ALWAYS))
    }
}

/// Ten digits, with three more for a branch, or the personal number.
fn is_tax_code(code: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    match code.split_once('-') {
        Some((main, branch)) => {
            main.len() == 10 && branch.len() == 3 && digits(main) && digits(branch)
        }
        None => matches!(code.len(), 10 | 12) && digits(code),
    }
}

/// Whose record it is, and what a reader must not miss.
const ALWAYS: [&str; 3] = ["maSoThue", "daChet", "dangKhieuNai"];
/// Fields that exist, and are not for this client.
const WITHHELD: [&str; 3] = ["diaChi", "soDienThoai", "taiKhoanNganHang"];
const PAGE_MAX: usize = 10;
