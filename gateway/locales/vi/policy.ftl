# What `motlan policy` says in the terminal.
policy-check-good = Nạp được { $purposes } mục đích và { $agencies } cơ quan trong { $files } tệp; { $warnings ->
        [0] không có gì bất thường.
       *[other] có { $warnings } điểm cần xem lại.
    }
policy-check-bad = Có { $mistakes } lỗi trong { $files } tệp ({ $warnings } cảnh báo): chưa nạp được gì cho đến khi sửa hết lỗi.

policy-test-good = Cả { $cases } trường hợp đều đúng, và quy tắc cấm nào cũng có trường hợp chứng minh.
policy-test-bad = { $failed } trên { $cases } trường hợp không đúng; { $untested } quy tắc chưa có trường hợp từ chối.
policy-test-untested = Chưa có trường hợp nào cho thấy quy tắc `{ $rule }` từ chối điều gì.

policy-table-changed = Đã ghi: { $file }
policy-table-same = Không thay đổi: { $file }

policy-explain-question = { $agency } tra cứu để thực hiện “{ $purpose }”
policy-explain-basis-law = Mục đích dựa trên quy định của pháp luật: { $reference }.
policy-explain-basis-consent = Mục đích dựa trên sự đồng ý của công dân: { $reference }.
policy-explain-basis-vital_interest = Mục đích dựa trên lợi ích sống còn của con người: { $reference }.
policy-explain-permit-law = Được đọc: { $agency } thực hiện “{ $purpose }”, thủ tục cần trường thông tin này theo quy định của pháp luật ({ $reference }).
policy-explain-permit-consent = Được đọc: công dân đã đồng ý cho { $agency } đọc thông tin này để thực hiện “{ $purpose }” ({ $reference }).
policy-explain-permit-vital_interest = Được đọc: tính mạng hoặc sức khỏe đang bị đe dọa, và { $agency } có trách nhiệm thực hiện “{ $purpose }” ({ $reference }). Cán bộ phụ trách bảo vệ dữ liệu sẽ xem xét lại.
policy-explain-flag = Được kèm theo: ai đọc một phần của bản ghi này đều phải biết người đó đã chết, đang được bảo vệ hay hồ sơ đang được xác minh.
policy-explain-deny-unknown_attribute_for_subject = Không được đọc: tập dữ liệu này mô tả loại đối tượng khác.
policy-explain-deny-not_mandated = Không được đọc: { $agency } chưa được đăng ký là cơ quan thực hiện “{ $purpose }”.
policy-explain-deny-not_in_purpose = Không được đọc: “{ $purpose }” không cần trường thông tin này.
policy-explain-deny-consent_required = Không được đọc: “{ $purpose }” dựa trên sự đồng ý, và công dân chưa đồng ý.
policy-explain-deny-consent_expired = Không được đọc: sự đồng ý của công dân đã hết hạn hoặc đã dùng hết số lần.
policy-explain-deny-consent_revoked = Không được đọc: công dân đã rút lại sự đồng ý.
policy-explain-deny-officer_required = Không được đọc: phải có người chịu trách nhiệm về việc đọc thông tin này, nhưng câu hỏi không nêu cán bộ nào.
policy-explain-deny-case_required = Không được đọc: “{ $purpose }” được giải quyết theo từng hồ sơ, nhưng câu hỏi không nêu hồ sơ nào.
policy-explain-deny-sealed = Không được đọc: dữ liệu của người này được bảo vệ đặc biệt.
policy-explain-deny-forbidden_by_rule = Không được đọc: quy tắc `{ $rule }` cấm.
policy-explain-deny-policy_error = Không được đọc: không đánh giá được các quy tắc, và điều gì không quyết định được thì bị từ chối.
policy-explain-rule = quy tắc `{ $rule }`
policy-explain-version = Quyết định theo bộ chính sách { $version }. Không hỏi cơ sở dữ liệu nào và không ghi nhật ký.
policy-explain-unknown-client = không cơ quan nào có chương trình `{ $name }`
policy-explain-unknown-purpose = không có mục đích `{ $name }`
policy-explain-nearest = có phải là `{ $name }`?

# Các phiên bản chính sách và phiên bản đang có hiệu lực.
policy-current = { $version }: là phiên bản hiện hành kể từ bây giờ.
policy-in-force = Cổng đã áp dụng phiên bản này và đã ghi vào nhật ký truy cập.
policy-no-gateway = Hiện không có cổng nào theo dõi kho này; phiên bản có hiệu lực từ lần khởi động tới.
policy-silence = Sau 3 giây cổng vẫn chưa cho biết kết quả. Đề nghị xem /readyz và nhật ký của cổng.
policy-refused = Cổng từ chối phiên bản này: { $reason }. Chính sách trước đó vẫn có hiệu lực.
policy-base = chính sách trong cấu hình
policy-version = phiên bản
policy-first = có hiệu lực lần đầu
policy-last = áp dụng gần nhất

# What `motlan policy simulate` says.
policy-simulate-same = Đã quyết định lại { $questions } câu hỏi trong quá khứ: bản dự thảo { $draft } không làm thay đổi gì so với { $version }.
policy-simulate-changed = Đã quyết định lại { $questions } câu hỏi trong quá khứ: bản dự thảo { $draft } quyết định khác { $version } ở { $changed } câu; { $refused } câu sẽ bị từ chối hoàn toàn.
policy-simulate-lost = mất: { $attributes } – { $reason } (quy tắc `{ $rule }`). Số câu hỏi: { $questions }, số đối tượng: { $subjects }.
policy-simulate-gained = được thêm: { $attributes }. Số câu hỏi: { $questions }, số đối tượng: { $subjects }.
policy-simulate-otherwise = vẫn bị từ chối, vì lý do khác: { $attributes } – { $reason } (quy tắc `{ $rule }`). Số câu hỏi: { $questions }, số đối tượng: { $subjects }.
policy-simulate-skipped = Số mục nhật ký bị bỏ qua vì phiên bản này không hiểu: { $skipped }.
policy-simulate-time = Không có gì bị thay đổi hay ghi nhật ký. Thời gian: { $seconds } giây.
policy-simulate-reason-none = –
policy-simulate-reason-unknown_attribute_for_subject = tập dữ liệu mô tả loại đối tượng khác
policy-simulate-reason-not_mandated = cơ quan sẽ không còn được giao thủ tục này
policy-simulate-reason-not_in_purpose = thủ tục sẽ không bao gồm thông tin này
policy-simulate-reason-consent_required = sẽ cần sự đồng ý
policy-simulate-reason-consent_expired = sự đồng ý đã hết hạn
policy-simulate-reason-consent_revoked = sự đồng ý đã được rút lại
policy-simulate-reason-officer_required = sẽ phải nêu cán bộ, hoặc cán bộ có chức danh phù hợp
policy-simulate-reason-case_required = sẽ phải nêu hồ sơ
policy-simulate-reason-sealed = dữ liệu đang được bảo vệ
policy-simulate-reason-forbidden_by_rule = một quy tắc sẽ cấm
policy-simulate-reason-policy_error = không thể đánh giá các quy tắc
