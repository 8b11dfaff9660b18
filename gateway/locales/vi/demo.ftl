# Lời của `motlan demo` trên màn hình.
demo-started = { $registries } cơ quan đăng ký và cổng kết nối đang chạy ({ $ms } ms).
demo-question = Cán bộ giải quyết hồ sơ { $case }
demo-question-detail = Mục đích: { $purpose } · một câu hỏi, nhiều cơ quan đăng ký, người dân không phải nộp giấy tờ
demo-proven = Bản ghi số { $index } nằm trong nhật ký công khai gồm { $size } bản ghi: đã kiểm tra chữ ký và bằng chứng ({ $ms } ms từ câu hỏi đến câu trả lời).
demo-next = Có thể thử tiếp
demo-next-docs = Đọc tài liệu API:
demo-next-query = Hỏi về một người khác:
demo-next-verify = Tự kiểm tra toàn bộ nhật ký truy cập:
demo-next-file = Mã truy cập, nhân vật và công tắc lỗi cho chương trình của bạn:
demo-stop = Nhấn Ctrl-C để kết thúc; nhật ký vẫn được giữ.

# Câu trả lời trên màn hình.
answer-asked-now = { $registry } · vừa hỏi cơ quan đăng ký
answer-from-cache = { $registry } · từ bộ nhớ đệm, cách đây { $age } giây
answer-from-cache-stale = { $registry } · từ bộ nhớ đệm, cách đây { $age } giây, đã quá hạn
answer-nothing = { $registry } · không có dữ liệu
answer-missing = { $registry } không trả lời ({ $problem }): dữ liệu có thể chưa đầy đủ
answer-unserved = chưa có cơ quan đăng ký nào được kết nối cho các tỉnh { $provinces }: dữ liệu có thể chưa đầy đủ
answer-logged = Đã ghi thành bản ghi số { $index } của { $log }.
answer-yes = có
answer-no = không
