# Những gì cán bộ bảo vệ dữ liệu đọc: báo cáo, sổ đăng ký xử lý, xóa dữ liệu.

erasure-explanation = Mọi điều nhật ký ghi về người này đã vĩnh viễn không đọc được nữa: khóa đã bị hủy; sự đồng ý đã hết hiệu lực, bản sao tạm và chỉ mục đều không còn gì về người này. Chỉ còn lại dấu vết rằng một việc thuộc loại nào đó đã xảy ra vào lúc nào dưới một bí danh, cùng các giá trị băm: thiếu chúng, nhật ký không còn chứng minh được gì cho bất kỳ ai. Bản sao lưu của khóa cũng phải được hủy.
erasure-obstacle-consent = Có sự đồng ý đang có hiệu lực: chờ công dân rút lại hoặc chờ hết hạn.
erasure-obstacle-seal = Dữ liệu của người này đang được bảo vệ: gỡ bảo vệ hoặc chờ hết hạn.
erasure-obstacle-emergency_use = Có lần truy cập khẩn cấp chưa được xem xét: hãy xem xét.
erasure-obstacle-alert = Có cảnh báo liên quan đến bản ghi về người này còn mở: hãy kết luận là chính đáng hoặc là sự cố.
erasure-obstacle-hidden = Có lệnh giữ kín một bản ghi đối với người này: chờ lệnh hết hiệu lực.

report-person-title = Báo cáo truy cập
report-person-sentence = { $entries ->
    [0] Nhật ký truy cập không có bản ghi nào về người này.
   *[other] Nhật ký truy cập có { $entries } bản ghi về người này; { $agencies ->
        [0] không có cơ quan nào hỏi
       *[other] { $agencies } cơ quan đã hỏi
    } ({ $disclosures } lần trả lời, { $refusals } lần từ chối), và { $mentions } câu trả lời về người khác có nêu người này.
}
report-made = Lập lúc { $time } từ nhật ký { $log }
report-recipients = Cơ quan đã nhận thông tin
report-entries = Tất cả những gì đã diễn ra
report-consents = Sự đồng ý
report-rights = Quyền của bạn
report-retention = Thời hạn lưu giữ
report-retention-text = Nội dung bản ghi về cá nhân được lưu giữ { $details } tháng, bản thân bản ghi được lưu giữ { $entries } tháng. Các bản ghi trước số { $first } không còn được lưu giữ; giá trị băm của chúng vẫn còn.
report-erased = Nội dung chi tiết đã bị xóa.
report-hidden = Giữ kín đối với người này đến { $until }
report-column-time = Thời điểm
report-column-what = Sự việc
report-column-entry = Bản ghi
report-column-agency = Cơ quan
report-column-told = Thông tin đã nhận
report-column-period = Từ – đến
report-column-state = Trạng thái
report-counts = { $disclosures } lần trả lời, { $checks } lần xác nhận, { $refusals } lần từ chối, { $mentions } lần được nêu
report-right-access = Bạn có thể hỏi bất cứ lúc nào ai đã xem dữ liệu của mình: trên cổng công dân hoặc tại cán bộ bảo vệ dữ liệu.
report-right-consent = Bạn có thể rút lại sự đồng ý bất cứ lúc nào. Kể từ lúc đó không ai đọc được gì thêm dựa trên sự đồng ý ấy.
report-right-rectification = Dữ liệu sai trong cơ sở dữ liệu nào do cơ quan quản lý cơ sở dữ liệu đó đính chính; cổng không lưu dữ liệu riêng.
report-right-erasure = Bạn có thể yêu cầu xóa những gì nhật ký này ghi về mình, trừ khi pháp luật hoặc việc đang giải quyết còn cần đến.
report-right-complaint = Nếu cho rằng có người xem dữ liệu khi không có quyền, bạn có thể khiếu nại với cán bộ bảo vệ dữ liệu của cơ quan đó hoặc với cơ quan chuyên trách bảo vệ dữ liệu cá nhân. Hãy nêu số của bản ghi.

report-register-title = Sổ đăng ký hoạt động xử lý dữ liệu
register-lead = Lập theo chính sách phiên bản { $version }.
register-controllers = Bên kiểm soát dữ liệu
register-purposes = Mục đích xử lý
register-measures = Biện pháp bảo vệ
register-sources = Nguồn dữ liệu
register-transfers = Không có dữ liệu nào được chuyển ra nước ngoài.
register-column-controller = Bên kiểm soát dữ liệu
register-column-contact = Cán bộ bảo vệ dữ liệu
register-column-purposes = Mục đích
register-column-purpose = Mục đích
register-column-basis = Căn cứ pháp lý
register-column-data = Dữ liệu
register-column-recipients = Bên nhận
register-column-days = Số ngày cơ quan được lưu giữ
register-column-registry = Cơ sở dữ liệu
register-column-datasets = Tập dữ liệu
register-measure-log = Mỗi lần cung cấp, từ chối hay xem xét đều được ghi vào nhật ký chỉ ghi thêm, ai cũng kiểm chứng được, trước khi có gì rời khỏi cổng.
register-measure-purpose = Nội dung mà mục đích không bao gồm bị từ chối trước khi hỏi bất kỳ cơ sở dữ liệu nào.
register-measure-sealed = Nội dung nhật ký ghi về cá nhân được mã hóa bằng khóa riêng cho từng người và từng tháng; khóa có thể bị hủy.
register-measure-pseudonyms = Cá nhân xuất hiện trong nhật ký dưới bí danh có khóa; số định danh không nằm trong địa chỉ, dòng nhật ký kỹ thuật hay số đo nào.
register-measure-tokens = Phần mềm và cán bộ được xác thực bằng thẻ truy cập có chữ ký, hiệu lực ngắn, qua TLS.
register-measure-budgets = Hạn mức giới hạn số người mà một phần mềm hay cán bộ có thể hỏi đến, và cảnh báo báo hiệu những dấu hiệu bất thường.
register-measure-consent = Sự đồng ý được kiểm tra ở mỗi lần sử dụng; việc rút lại có hiệu lực ngay ở yêu cầu tiếp theo.
register-measure-review = Truy cập khẩn cấp và cảnh báo do cán bộ bảo vệ dữ liệu xem xét, và mỗi lần xem xét đều được ghi lại.

reconciliation-agree = { $registry } đếm được { $theirs } yêu cầu; nhật ký truy cập ghi { $ours } ({ $failures } lần lỗi). Hai số liệu khớp nhau.
reconciliation-registry_counts_more = { $registry } đếm được { $theirs } yêu cầu, nhiều hơn { $difference } so với những gì nhật ký truy cập giải thích được ({ $ours } yêu cầu, { $failures } lần lỗi): có thể có người hỏi mà không qua nhật ký.
reconciliation-registry_counts_fewer = { $registry } đếm được { $theirs } yêu cầu, ít hơn { $difference } so với nhật ký truy cập ({ $ours } yêu cầu, { $failures } lần lỗi): cần xem nhật ký của chính cơ sở dữ liệu đó.
