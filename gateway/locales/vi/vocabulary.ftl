# The vocabulary's own words: mistakes of a question, reasons of refusal, outcomes of a dataset.

mistake-required = Trường này là bắt buộc.
mistake-unknown_field = Yêu cầu tra cứu không có trường này.
    .nearest = Yêu cầu tra cứu không có trường này. Tên gần đúng nhất là `{ $nearest }`.
mistake-wrong_type = Cần { $expected }.
mistake-subject_form = Chỉ nêu đúng một đối tượng: {"{"}"person": "<12 chữ số>"{"}"} hoặc {"{"}"enterprise": "<10 chữ số>"{"}"}.
mistake-personal_number_length = Số định danh cá nhân gồm đúng 12 chữ số.
mistake-personal_number_digits = Số định danh cá nhân chỉ gồm các chữ số từ 0 đến 9.
mistake-personal_number_place = Ba chữ số đầu phải là mã tỉnh, thành phố hoặc mã quốc gia.
mistake-personal_number_century = Chữ số thứ tư cho biết thế kỷ sinh và giới tính; chữ số này không được sử dụng.
mistake-enterprise_code_form = Mã số doanh nghiệp gồm 10 chữ số; chi nhánh thêm dấu gạch nối và 3 chữ số.
mistake-enterprise_code_check_digit = Chữ số kiểm tra của mã số doanh nghiệp không đúng; đề nghị kiểm tra lỗi gõ nhầm.
mistake-enterprise_code_serial = Mã số doanh nghiệp có số thứ tự không bao giờ được cấp.
mistake-empty = Không được để trống.
mistake-too_long = Chỉ nhận tối đa 64 ký tự.
mistake-unprintable = Chỉ nhận ký tự in được, không có dấu xuống dòng hay ký tự điều khiển.
mistake-too_many = Chỉ nhận tối đa { $max } mục.
mistake-out_of_range = Giá trị phải từ { $min } đến { $max }.
mistake-not_one_of = Cần một trong các giá trị: { $accepted }.
mistake-unknown_purpose = Không có mục đích này. Xem các mục đích của cơ quan tại /v1/entitlements.
    .nearest = Không có mục đích này. Tên gần đúng nhất là `{ $nearest }`.
mistake-unknown_attribute = Không có tập dữ liệu hay trường thông tin này. Xem danh mục tại /v1/catalogue.
    .nearest = Không có tập dữ liệu hay trường thông tin này. Tên gần đúng nhất là `{ $nearest }`.
mistake-wildcard = Không nhận ký tự đại diện. Đề nghị nêu tên từng tập dữ liệu hoặc trường thông tin mà thủ tục cần.
mistake-registry_alone = Đây là toàn bộ một cơ sở dữ liệu. Đề nghị nêu tên các tập dữ liệu hoặc trường thông tin mà thủ tục cần.

expected-a-string = một chuỗi ký tự
expected-a-whole-number = một số nguyên
expected-an-array-of-names = một mảng các tên
expected-an-array-of-subjects = một mảng các đối tượng tra cứu
expected-an-object = một đối tượng JSON
expected-a-request-for-a-proof = {"{"}"leaf_index": N{"}"} hoặc {"{"}"old_size": M, "new_size": N{"}"}

denial-unknown_attribute_for_subject = Không áp dụng cho đối tượng này
    .remedy = Cá nhân và doanh nghiệp có các tập dữ liệu khác nhau. Đề nghị tra cứu đúng loại đối tượng hoặc bỏ trường thông tin này.
denial-not_mandated = Cơ quan không thực hiện thủ tục này
    .remedy = { $agency } chưa được đăng ký là cơ quan thực hiện “{ $purpose }”. Đề nghị chọn một mục đích của cơ quan tại /v1/entitlements, hoặc đề nghị cán bộ phụ trách bảo vệ dữ liệu ({ $contact }) đăng ký thẩm quyền.
denial-not_in_purpose = Thủ tục này không cần thông tin đó
    .remedy = “{ $purpose }” không bao gồm trường thông tin này. Đề nghị bỏ ra, hoặc tra cứu theo đúng thủ tục cần đến thông tin. Nếu pháp luật quy định thủ tục này cần thông tin đó, cán bộ phụ trách bảo vệ dữ liệu ({ $contact }) có thể đề xuất bổ sung vào mục đích.
denial-consent_required = Cần có sự đồng ý của công dân
    .remedy = “{ $purpose }” dựa trên sự đồng ý, và công dân chưa đồng ý cho { $agency }. Đề nghị công dân cho ý kiến đồng ý rồi tra cứu lại.
denial-consent_expired = Sự đồng ý đã hết hiệu lực
    .remedy = Sự đồng ý của công dân cho “{ $purpose }” đã hết hạn hoặc đã dùng hết số lần. Đề nghị xin công dân đồng ý lại rồi tra cứu.
denial-consent_revoked = Sự đồng ý đã được rút lại
    .remedy = Công dân đã rút lại sự đồng ý cho “{ $purpose }”. Đề nghị tôn trọng quyết định này; thủ tục chỉ tiếp tục với giấy tờ do công dân cung cấp hoặc khi có sự đồng ý mới.
denial-officer_required = Phải nêu tên cán bộ thực hiện
    .remedy = “{ $purpose }” chỉ được tra cứu nhân danh một cán bộ cụ thể. Đề nghị gửi trường `officer`, hoặc dùng mã truy cập cấp cho cán bộ (`act.sub`).
denial-case_required = Phải nêu mã hồ sơ
    .remedy = “{ $purpose }” chỉ được tra cứu cho một hồ sơ cụ thể. Đề nghị gửi mã hồ sơ trong trường `case`.
denial-sealed = Dữ liệu được bảo vệ đặc biệt
    .remedy = Dữ liệu của đối tượng này được bảo vệ đặc biệt. Đề nghị liên hệ cán bộ phụ trách bảo vệ dữ liệu ({ $contact }) để được hướng dẫn quy trình dành cho trường hợp này.
denial-forbidden_by_rule = Bị một quy tắc cấm
    .remedy = Quy tắc `{ $rule }` không cho phép cung cấp. Đề nghị hỏi cán bộ phụ trách bảo vệ dữ liệu ({ $contact }) về quy tắc này và những gì được phép.
denial-policy_error = Chưa quyết định được
    .remedy = Không đánh giá được các quy tắc nên không có thông tin nào được cung cấp. Đây là lỗi của cổng: đề nghị báo mã lời gọi cho đơn vị vận hành.

status-ok = Đã lấy được
status-not_found = Không có dữ liệu
status-denied = Bị từ chối
status-unavailable = Chưa lấy được

registry-registry_timeout = Cơ sở dữ liệu không trả lời kịp thời hạn
registry-registry_down = Không kết nối được với cơ sở dữ liệu
registry-registry_refused = Cơ sở dữ liệu từ chối yêu cầu của cổng
registry-registry_malformed = Không hiểu được câu trả lời của cơ sở dữ liệu
registry-registry_truncated = Câu trả lời của cơ sở dữ liệu không đầy đủ
registry-registry_wrong_subject = Cơ sở dữ liệu trả lời về người khác
