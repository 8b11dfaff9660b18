# Ai đã xem dữ liệu của tôi: mỗi bản ghi một câu, nói với chính công dân đó. Tham số của các câu:
# agency, purposes (tên thủ tục trong ngoặc kép), attributes, case, basis và source (các vế bên dưới,
# hoặc để trống), check, day, time.

access-disclosed = Lúc { $time } ngày { $day }, { $agency } đã được cung cấp các thông tin sau về ông/bà để thực hiện { $purposes }{ $case }: { $attributes }{ $basis }{ $source }.
access-nothing_disclosed = Lúc { $time } ngày { $day }, { $agency } đã hỏi về ông/bà để thực hiện { $purposes }{ $case } và không nhận được thông tin nào{ $basis }.
access-refused = Lúc { $time } ngày { $day }, { $agency } đã hỏi về ông/bà để thực hiện { $purposes }{ $case } và bị từ chối; không có thông tin nào được cung cấp.
access-mentioned = Lúc { $time } ngày { $day }, một câu trả lời về người khác gửi { $agency } để thực hiện { $purposes } có nêu ông/bà: { $attributes }{ $basis }.
access-checked = Lúc { $time } ngày { $day }, { $agency } đã đề nghị xác minh { $check } để thực hiện { $purposes }{ $case }; câu trả lời chỉ là có, không hoặc không rõ, không kèm dữ liệu nào của ông/bà{ $basis }.
access-explained = Lúc { $time } ngày { $day }, { $agency } đã hỏi mình được biết những gì về ông/bà khi thực hiện { $purposes }{ $case }; không dữ liệu nào được tra cứu hay cung cấp.
access-given = Lúc { $time } ngày { $day }, sự đồng ý đã được lập: { $agency } được đọc các thông tin sau về ông/bà để thực hiện { $purposes }: { $attributes }.
access-withdrawn = Lúc { $time } ngày { $day }, sự đồng ý cho { $agency } đọc dữ liệu của ông/bà để thực hiện { $purposes } đã được rút lại.
access-used_up = Lúc { $time } ngày { $day }, { $agency } đã sử dụng sự đồng ý cho { $purposes }; sự đồng ý này chỉ dùng một lần và đã chấm dứt.
access-looked = Lúc { $time } ngày { $day }, cán bộ phụ trách bảo vệ dữ liệu đã xem danh sách những ai đọc dữ liệu của ông/bà.

access-clause-case = {" "}(hồ sơ { $case })
access-clause-law = ; căn cứ pháp lý: { $reference }
access-clause-consent = ; theo sự đồng ý { $reference } của ông/bà
access-clause-vital_interest = ; để bảo vệ tính mạng: { $reference }
access-clause-registry = ; dữ liệu được lấy từ cơ sở dữ liệu gốc ngay lúc đó
access-clause-cache = ; dữ liệu lấy từ bản lưu cũ không quá { $minutes } phút
access-clause-mixed = ; một phần dữ liệu lấy từ bản lưu cũ không quá { $minutes } phút
access-details = { $dataset } ({ $count } thông tin)
access-more-denied = Ngoài ra, { $count } thông tin khác được hỏi đã bị từ chối.
access-more-emergency = Đây là trường hợp khẩn cấp; cán bộ phụ trách bảo vệ dữ liệu phải xem xét lại trước { $time } ngày { $day }.
access-acting-parent = Cha hoặc mẹ đã làm thay ông/bà.
access-acting-guardian = Người giám hộ đã làm thay ông/bà.
access-acting-attorney = Người được ông/bà ủy quyền đã làm thay.

access-check-age_at_least = ông/bà đã đủ một độ tuổi nhất định hay chưa
access-check-resides_in = ông/bà có thường trú tại một địa bàn hay không
access-check-is_married = ông/bà có đang trong quan hệ hôn nhân hay không
access-check-is_insured_on = ông/bà có bảo hiểm vào một ngày nhất định hay không
access-check-owns_parcel_in = ông/bà có quyền sử dụng đất tại một địa bàn hay không
access-check-is_alive = ông/bà còn sống hay không
access-check-is_parent = người làm thay có phải là cha hoặc mẹ của ông/bà hay không
access-check-is_guardian = người làm thay có phải là người giám hộ của ông/bà hay không
access-check-is_attorney = người làm thay có được ông/bà ủy quyền hay không
access-check-other = một nội dung về ông/bà
