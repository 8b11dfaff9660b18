//! What companies do: classes of the Vietnamese standard industrial classification.

/// Class, title, and how company names say it in Vietnamese and English.
pub(super) type Trade = (&'static str, &'static str, &'static str, &'static str);

pub(super) const TRADES: [Trade; 15] = [
    (
        "0118",
        "Trồng rau, đậu các loại và trồng hoa",
        "NÔNG SẢN",
        "FARM PRODUCE",
    ),
    (
        "0322",
        "Nuôi trồng thủy sản nội địa",
        "THỦY SẢN",
        "AQUACULTURE",
    ),
    (
        "1410",
        "May trang phục (trừ trang phục từ da lông thú)",
        "MAY MẶC",
        "GARMENT",
    ),
    (
        "3100",
        "Sản xuất giường, tủ, bàn, ghế",
        "NỘI THẤT",
        "FURNITURE",
    ),
    ("4101", "Xây dựng nhà để ở", "XÂY DỰNG", "CONSTRUCTION"),
    (
        "4520",
        "Bảo dưỡng, sửa chữa ô tô và xe có động cơ khác",
        "CƠ KHÍ Ô TÔ",
        "AUTO SERVICE",
    ),
    (
        "4649",
        "Bán buôn đồ dùng khác cho gia đình",
        "THƯƠNG MẠI",
        "TRADING",
    ),
    (
        "4663",
        "Bán buôn vật liệu, thiết bị lắp đặt khác trong xây dựng",
        "VẬT LIỆU XÂY DỰNG",
        "BUILDING MATERIALS",
    ),
    (
        "4933",
        "Vận tải hàng hóa bằng đường bộ",
        "VẬN TẢI",
        "TRANSPORT",
    ),
    ("5510", "Dịch vụ lưu trú ngắn ngày", "KHÁCH SẠN", "HOTEL"),
    (
        "5610",
        "Nhà hàng và các dịch vụ ăn uống phục vụ lưu động",
        "ẨM THỰC",
        "FOOD",
    ),
    ("6201", "Lập trình máy vi tính", "CÔNG NGHỆ", "TECHNOLOGY"),
    (
        "6810",
        "Kinh doanh bất động sản, quyền sử dụng đất thuộc chủ sở hữu, chủ sử dụng hoặc đi thuê",
        "BẤT ĐỘNG SẢN",
        "REAL ESTATE",
    ),
    ("7310", "Quảng cáo", "TRUYỀN THÔNG", "MEDIA"),
    ("8560", "Dịch vụ hỗ trợ giáo dục", "GIÁO DỤC", "EDUCATION"),
];

/// A company's own name, with and without marks.
pub(super) const OWN_NAMES: [(&str, &str); 24] = [
    ("AN PHÁT", "AN PHAT"),
    ("BÌNH MINH", "BINH MINH"),
    ("ĐẠI THÀNH", "DAI THANH"),
    ("ĐÔNG Á", "DONG A"),
    ("GIA HƯNG", "GIA HUNG"),
    ("HẢI ĐĂNG", "HAI DANG"),
    ("HÒA BÌNH", "HOA BINH"),
    ("HOÀNG GIA", "HOANG GIA"),
    ("HƯNG THỊNH", "HUNG THINH"),
    ("KIM LONG", "KIM LONG"),
    ("LỘC PHÁT", "LOC PHAT"),
    ("MAI LINH", "MAI LINH"),
    ("MINH ĐỨC", "MINH DUC"),
    ("NAM VIỆT", "NAM VIET"),
    ("NGỌC LINH", "NGOC LINH"),
    ("PHÚ QUÝ", "PHU QUY"),
    ("QUANG MINH", "QUANG MINH"),
    ("SAO MAI", "SAO MAI"),
    ("TÂN TIẾN", "TAN TIEN"),
    ("THÁI SƠN", "THAI SON"),
    ("THÀNH CÔNG", "THANH CONG"),
    ("TRƯỜNG AN", "TRUONG AN"),
    ("VIỆT TIẾN", "VIET TIEN"),
    ("XUÂN HÒA", "XUAN HOA"),
];
