# Problem documents and the pages behind their `type`. For each code of motlan_schemas::problem:
# a title, `.detail` (what happened here and what to do), `.cause` and `.remedy` (its page).

problem-malformed_json = Nội dung gửi lên không phải là JSON hợp lệ
    .detail = Không đọc được nội dung gửi lên dưới dạng JSON. Đề nghị sửa và gửi lại.
    .at = Nội dung gửi lên không phải là JSON hợp lệ tại dòng { $line }, cột { $column }: { $reason }. Đề nghị sửa và gửi lại.
    .cause = Cổng chỉ đọc JSON đúng chuẩn (RFC 8259): văn bản UTF-8, mỗi khóa chỉ xuất hiện một lần trong một đối tượng và không lồng nhau quá sâu. Nội dung gửi lên vi phạm một trong các quy tắc này nên không được đọc tiếp và không có dữ liệu nào được tra cứu.
    .remedy = Hãy tạo nội dung bằng thư viện JSON thay vì ghép chuỗi, và kiểm tra đúng dòng, cột nêu trong phần chi tiết. Nội dung bị cắt cụt thường do giá trị Content-Length sai.

problem-invalid_query = Yêu cầu tra cứu có sai sót
    .detail = Yêu cầu tra cứu có { $count } trường không đúng; mục `errors` nêu rõ trường nào, vì sao và giá trị cần có.
    .cause = Nội dung là JSON nhưng chưa phải là một yêu cầu mà cổng có thể trả lời: thiếu trường, sai định dạng, hoặc nêu mục đích, tập dữ liệu hay trường thông tin không tồn tại. Chưa có quyết định nào được đưa ra và chưa có cơ sở dữ liệu nào bị truy vấn.
    .remedy = Xem từng mục trong `errors`: `pointer` chỉ vị trí trong nội dung đã gửi (con trỏ JSON), `detail` cho biết giá trị cần có và gợi ý tên gần đúng nhất. Danh mục tại /v1/catalogue liệt kê đầy đủ các tập dữ liệu và trường thông tin.

problem-body_too_large = Nội dung gửi lên quá lớn
    .detail = Nội dung gửi lên vượt quá dung lượng cho phép. Đề nghị giảm số đối tượng hoặc số trường thông tin trong mỗi lần gọi.
    .cause = Mỗi lời gọi đều có giới hạn dung lượng để không một bên nào làm cạn tài nguyên dùng chung của cổng. Một yêu cầu tra cứu chỉ cần vài kilobyte; giới hạn là 64 KiB, riêng lô sự kiện là 1 MiB.
    .remedy = Hãy chia nhỏ công việc: mỗi lô tra cứu nhận tối đa 1.000 đối tượng và có thể gửi nhiều lô nối tiếp nhau.

problem-body_timeout = Nội dung không đến kịp thời hạn
    .detail = Nội dung gửi lên không đến kịp thời hạn. Đề nghị gửi lại trọn vẹn.
    .cause = Cổng đã nhận phần tiêu đề nhưng phần nội dung đến quá chậm hoặc không đến. Cổng đóng những lời gọi như vậy để kết nối chậm không làm ảnh hưởng đến các bên khác.
    .remedy = Hãy gửi lại. Nếu lỗi lặp lại nhiều lần, đề nghị kiểm tra đường truyền và các máy chủ trung gian.

problem-unsupported_media_type = Nội dung phải ở định dạng JSON
    .detail = Lời gọi này chỉ nhận `application/json`. Đề nghị đặt Content-Type tương ứng và gửi nội dung dưới dạng JSON.
    .events = Lời gọi này nhận CloudEvents: `application/cloudevents+json`, `application/cloudevents-batch+json`, hoặc `application/json` với các thuộc tính của sự kiện trong tiêu đề `ce-`.
    .cause = Thiếu tiêu đề Content-Type hoặc tiêu đề này nêu một định dạng khác.
    .remedy = Hãy gửi `Content-Type: application/json` cùng nội dung JSON mã hóa UTF-8, không nén.

problem-not_found = Địa chỉ này không tồn tại
    .detail = Không có chức năng nào tại địa chỉ này. Danh sách các lời gọi có tại /docs.
    .cause = Đường dẫn không thuộc lời gọi nào của cổng. Đường dẫn viết bằng chữ thường, không có dấu gạch chéo ở cuối và không bao giờ chứa số định danh cá nhân.
    .remedy = Hãy đối chiếu đường dẫn với tài liệu tại /docs. Thông báo này không cho biết một người có dữ liệu hay không: điều đó chỉ có trong kết quả tra cứu.

problem-method_not_allowed = Địa chỉ này không nhận phương thức đã dùng
    .detail = Địa chỉ này nhận { $allow }. Đề nghị gọi lại bằng phương thức đó.
    .cause = Địa chỉ tồn tại nhưng lời gọi dùng phương thức HTTP khác. Yêu cầu tra cứu được gửi bằng POST hoặc QUERY để nội dung không nằm trong địa chỉ và trong nhật ký ghi địa chỉ.
    .remedy = Hãy dùng một phương thức nêu trong tiêu đề Allow của phản hồi.

problem-token_missing = Lời gọi cần có mã truy cập
    .detail = Lời gọi không có mã truy cập. Đề nghị gửi `Authorization: Bearer …` với mã truy cập của cơ quan.
    .cause = Mọi lời gọi về công dân đều được thực hiện nhân danh một cơ quan, và mã truy cập cho biết đó là cơ quan nào. Tiêu đề Authorization bị thiếu hoặc không bắt đầu bằng `Bearer`.
    .remedy = Hãy lấy mã truy cập từ hệ thống cấp mã nơi cơ quan đã đăng ký và gửi trong tiêu đề Authorization. Không bao giờ đặt mã truy cập trong địa chỉ.

problem-token_invalid = Mã truy cập không được chấp nhận
    .detail = Mã truy cập không được chấp nhận tại đây. Đề nghị lấy mã truy cập mới dành cho cổng này từ hệ thống cấp mã.
    .cause = Mã truy cập không do hệ thống cấp mã mà cổng tin cậy phát hành, được cấp cho dịch vụ khác, không phải là mã truy cập, hoặc đã bị sửa đổi. Vì lý do an toàn, phản hồi không nêu hết chi tiết; nhật ký của cổng có ghi.
    .remedy = Hãy kiểm tra đúng hệ thống cấp mã, đúng cổng này là nơi nhận (`aud`), và gửi mã truy cập chứ không phải mã định danh (ID token). Nếu vẫn lỗi, đề nghị cung cấp `request_id` cho đơn vị vận hành.

problem-token_expired = Mã truy cập đã hết hạn
    .detail = Mã truy cập đã hết hạn. Đề nghị lấy mã mới từ hệ thống cấp mã rồi gọi lại.
    .cause = Mã truy cập chỉ có hiệu lực trong thời gian ngắn. Mã này đã quá hạn, hoặc đồng hồ của hai bên lệch nhau.
    .remedy = Hãy lấy mã mới trước khi mã cũ hết hạn (`exp`) và giữ đồng hồ hệ thống luôn đồng bộ.

problem-issuer_unavailable = Tạm thời chưa kiểm tra được mã truy cập
    .detail = Không lấy được khóa của hệ thống cấp mã nên chưa thể kiểm tra mã truy cập. Đề nghị thử lại sau { $seconds } giây.
    .cause = Cổng kiểm tra mã truy cập bằng khóa công khai của hệ thống cấp mã. Hiện cổng không có khóa đủ mới và không kết nối được với hệ thống đó. Cổng không cho ai đi qua khi chưa kiểm tra.
    .remedy = Lời gọi không có sai sót. Hãy gọi lại sau thời gian nêu trong Retry-After; đơn vị vận hành nhận được cảnh báo qua phép kiểm tra sẵn sàng.

problem-insufficient_scope = Mã truy cập không cho phép lời gọi này
    .detail = Lời gọi này cần phạm vi quyền `{ $scope }` mà mã truy cập không có. Đề nghị xin hệ thống cấp mã một mã có phạm vi quyền này.
    .cause = Mã truy cập mang theo phạm vi quyền: `query` cho việc tra cứu của cơ quan, `audit` cho cán bộ phụ trách bảo vệ dữ liệu, `consent` và `me` cho công dân, `changes` cho cơ sở dữ liệu. Mã này thiếu phạm vi quyền mà lời gọi đòi hỏi.
    .remedy = Hãy xin mã truy cập có phạm vi quyền nêu trong phần chi tiết. Nếu cơ quan chưa được cấp quyền, đề nghị đơn vị vận hành thay đổi đăng ký.

problem-unknown_client = Phần mềm gọi chưa thuộc cơ quan nào
    .detail = Mã truy cập là thật nhưng phần mềm được cấp mã chưa đăng ký với cơ quan nào tại cổng này. Đề nghị đơn vị vận hành đăng ký.
    .cause = Cổng nhận biết từng cơ quan qua các phần mềm mà cơ quan đã đăng ký. Phần mềm nêu trong mã truy cập (`client_id`) không nằm trong số đó.
    .remedy = Hãy đề nghị đơn vị vận hành cổng bổ sung phần mềm này cho cơ quan, hoặc dùng phần mềm đã đăng ký.

problem-nothing_permitted = Không có thông tin nào được phép cung cấp
    .detail = Không trường thông tin nào trong yêu cầu được phép cung cấp cho cơ quan với mục đích này. Mục `denied` nêu quy tắc và hướng xử lý cho từng trường.
    .cause = Mỗi trường thông tin được xét riêng trước khi hỏi bất kỳ cơ sở dữ liệu nào. Ở đây tất cả đều bị từ chối nên không cơ sở dữ liệu nào được hỏi. Việc từ chối cũng được ghi vào nhật ký truy cập như một lần cung cấp.
    .remedy = Xem mục `denied`: mỗi trường hợp từ chối nêu lý do, quy tắc và việc có thể làm. Lời gọi /v1/queries/explain cho thấy cùng quyết định mà không cần dữ liệu; /v1/entitlements liệt kê những gì cơ quan được phép tra cứu.

problem-registries_unavailable = Các cơ sở dữ liệu tạm thời chưa trả lời được
    .detail = Không cơ sở dữ liệu nào liên quan trả lời được. Mục `datasets` nêu lý do của từng nơi. Đề nghị thử lại sau { $seconds } giây.
    .cause = Yêu cầu được phép, nhưng mọi cơ sở dữ liệu đang giữ thông tin đều ngừng hoạt động, từ chối, hoặc trả lời theo cách không thể tin cậy.
    .remedy = Hãy gọi lại sau thời gian nêu trong Retry-After. Nếu `retryable` của một tập dữ liệu là false, cơ sở dữ liệu hoặc đường kết nối cần được sửa trước: đề nghị báo `request_id` cho đơn vị vận hành.

problem-registries_timeout = Các cơ sở dữ liệu không trả lời kịp
    .detail = Không cơ sở dữ liệu nào liên quan trả lời trong thời gian cho phép. Mục `datasets` nêu tên từng nơi. Đề nghị tăng thời hạn (`deadline_ms`) hoặc thử lại sau { $seconds } giây.
    .cause = Các cơ sở dữ liệu đã được hỏi nhưng không nơi nào trả lời trước thời hạn của lời gọi.
    .remedy = Hãy gọi lại với `deadline_ms` lớn hơn nếu có thể chờ (tối đa 30.000). Kết quả đến muộn không bị bỏ phí: lần sau có thể được lấy từ bộ nhớ đệm.

problem-incomplete_answer = Kết quả sẽ không đầy đủ
    .detail = Yêu cầu đòi hỏi kết quả đầy đủ nhưng còn thiếu tập dữ liệu. Mục `datasets` nêu tập nào và vì sao. Đề nghị thử lại sau { $seconds } giây, hoặc chấp nhận kết quả từng phần.
    .cause = Yêu cầu ghi `"require": "all"` trong khi ít nhất một tập dữ liệu được phép không lấy được. Vì vậy không có thông tin nào được cung cấp.
    .remedy = Hãy gọi lại sau. Để nhận ngay phần đã có, bỏ trường `require` và xem giá trị `complete` trong kết quả.

problem-access_log_unavailable = Không ghi được nhật ký truy cập
    .detail = Không thể ghi việc cung cấp vào nhật ký truy cập nên không có thông tin nào được cung cấp. Đề nghị thử lại sau { $seconds } giây.
    .changes = Không thể ghi thay đổi vào nhật ký truy cập nên thay đổi chưa được xác nhận. Đề nghị gửi lại sự kiện sau { $seconds } giây.
    .cause = Không thông tin nào rời khỏi cổng trước khi được ghi chắc chắn vào nhật ký truy cập. Hiện nhật ký không ghi được nên mọi yêu cầu đều bị từ chối.
    .remedy = Lời gọi không có sai sót. Hãy gọi lại sau thời gian nêu trong Retry-After. Đơn vị vận hành cần kiểm tra nơi lưu trữ nhật ký.

problem-person_missing = Mã truy cập không gắn với công dân nào
    .detail = Lời gọi này dành cho công dân đối với dữ liệu của chính mình, nhưng mã truy cập không mang số định danh cá nhân.
    .cause = Chỉ mã truy cập do công dân đăng nhập mà có (trường `personal_id`) mới dùng được ở đây. Mã truy cập của cơ quan và cán bộ đại diện cho phần mềm, không đại diện cho công dân.
    .remedy = Hãy đăng nhập lại qua cổng dịch vụ công dành cho công dân, hoặc dùng các lời gọi dành cho cơ quan.

problem-relation_unverified = Hộ tịch không cho thấy bạn được hành động thay người này
    .detail = Tư cách cha mẹ, người giám hộ hoặc người được ủy quyền đã được tra cứu trong các cơ sở dữ liệu và không xác nhận được.
    .cause = Việc hành động thay người khác dựa trên giấy tờ hộ tịch chứ không dựa trên lời khai: cha mẹ theo khai sinh của con chưa thành niên, người giám hộ theo đăng ký giám hộ, người được ủy quyền theo ủy quyền mà người đó đã lập.
    .remedy = Nếu thông tin hộ tịch sai hoặc thiếu, hãy đề nghị cơ quan đăng ký hộ tịch cải chính. Nếu cơ sở dữ liệu tạm thời không phản hồi, hãy thử lại sau.

problem-consent_ended = Sự đồng ý đã chấm dứt
    .detail = Sự đồng ý đã được rút lại, đã dùng hết hoặc đã hết hạn nên không thể thay đổi nữa.
    .cause = Một sự đồng ý chỉ rời trạng thái “đã cho” một lần và vĩnh viễn.
    .remedy = Không dữ liệu nào còn được đọc theo sự đồng ý này. Muốn cho phép lại, hãy lập sự đồng ý mới.

problem-reviewed_already = Lần truy cập khẩn cấp đã được xem xét
    .detail = Lần truy cập khẩn cấp này đã có người xem xét; kết luận đó vẫn giữ nguyên.
    .cause = Mỗi lần truy cập khẩn cấp chỉ được xem xét một lần. Kết luận là một bản ghi của nhật ký truy cập, không ai sửa được.
    .remedy = Tìm kết luận trong nhật ký truy cập theo mã yêu cầu. Kết luận nào về sau thấy chưa đúng thì được xử lý ngoài cổng.

problem-review_out_of_order = Cảnh báo không ở trạng thái cho phép thực hiện bước này
    .detail = Cảnh báo trước hết được tiếp nhận (in_review), sau đó được khép lại một lần: có lý do chính đáng (justified) hoặc là sự cố (incident). Cảnh báo này không ở trạng thái mà bước đó bắt đầu.
    .cause = Mỗi bước xem xét là một bản ghi của nhật ký truy cập và nối tiếp bước trước. Có thể trong lúc đó đã có người thực hiện bước này.
    .remedy = Đọc lại danh sách cảnh báo và tiếp tục từ trạng thái hiện ở đó. Kết luận nào về sau thấy chưa đúng thì được xử lý ngoài cổng.

problem-erasure_hindered = Chưa xóa được dữ liệu về người này
    .detail = Những gì nhật ký truy cập biết về người này còn cần cho việc đang có hiệu lực hoặc chưa được giải quyết; xem `obstacles`.
    .cause = Còn sự đồng ý hoặc lệnh bảo vệ đang có hiệu lực, còn lần truy cập khẩn cấp hoặc cảnh báo chưa được xem xét, hoặc còn bản ghi đang được giữ kín theo lệnh. Xóa lúc này sẽ làm mất căn cứ của những việc đó.
    .remedy = Giải quyết những việc nêu trong `obstacles`: rút lại sự đồng ý hoặc chờ hết hạn, gỡ bảo vệ, xem xét lần truy cập khẩn cấp và cảnh báo, chờ lệnh hết hiệu lực. Sau đó gọi lại.

problem-entry_pruned = Bản ghi không còn được lưu giữ
    .detail = Bản ghi này đã quá thời hạn lưu giữ và đã được loại bỏ. Giá trị băm của nó vẫn thuộc nhật ký, các chứng minh về nó vẫn còn giá trị.
    .cause = Bản ghi cũ được loại bỏ theo chính sách đã công bố. Một bản ghi của nhật ký nêu rõ đã loại bỏ đến đâu.
    .remedy = Xem `GET /v1/access-log/retention` để biết chính sách và bản ghi đầu tiên còn được lưu giữ.

problem-foreign_registry = Mã truy cập không đại diện cho cơ sở dữ liệu này
    .detail = Mã truy cập không đại diện cho cơ sở dữ liệu nêu trong địa chỉ nên không được báo rằng bản ghi của cơ sở dữ liệu đó đã thay đổi.
    .cause = Chỉ chính cơ sở dữ liệu mới được báo rằng bản ghi của mình đã thay đổi. Hệ thống cấp mã ghi trong mã truy cập phần mềm đại diện cho cơ sở dữ liệu nào (trường `registry`); tên đó khác với địa chỉ, hoặc không có cơ sở dữ liệu như vậy được kết nối tại đây. Trường hợp nào thì không được tiết lộ.
    .remedy = Hãy đối chiếu địa chỉ với mã cơ sở dữ liệu trong cấu hình của cổng. Nếu phần mềm cần đại diện cho cơ sở dữ liệu này, đề nghị hệ thống cấp mã ghi mã đó vào mã truy cập.

problem-event_replayed = Sự kiện đã được tiếp nhận trước đó
    .detail = { $count ->
        [one] Một sự kiện đã được tiếp nhận trước đó; `errors` nêu rõ sự kiện nào. Lời gọi này không có tác dụng gì thêm. Bản sao liên quan đã bị xóa và việc đó đã có trong nhật ký truy cập: không cần gửi lại.
       *[other] { $count } sự kiện đã được tiếp nhận trước đó; `errors` nêu rõ những sự kiện nào. Lời gọi này không có tác dụng gì thêm. Bản sao liên quan đã bị xóa và việc đó đã có trong nhật ký truy cập: không gửi lại các sự kiện này, chỉ gửi lại các sự kiện còn lại của lô.
    }
    .cause = Mỗi sự kiện được nhận biết qua nguồn (source) và mã (id), và chỉ được tiếp nhận một lần. Sự kiện này đã đến trước đó: có thể kết quả của lần gọi đầu bị mất, hoặc có người phát lại nội dung nghe lén được.
    .remedy = Nếu đây là lời gọi gửi lại vì mất kết quả thì không còn việc gì phải làm với các sự kiện này. Bản ghi thay đổi lần nữa thì được báo bằng một sự kiện mới với mã riêng.

problem-idempotency_conflict = Khóa chống lặp đã được dùng cho việc khác
    .detail = Cùng một `Idempotency-Key` đã được gửi trước đó với nội dung khác.
    .cause = Khóa giúp gửi lại an toàn một lời gọi bị mất kết quả; mỗi khóa gắn với đúng một lời gọi và một nội dung.
    .remedy = Dùng khóa mới cho mỗi lời gọi mới, chỉ dùng lại khóa cũ để gửi lại y nguyên lời gọi cũ.

problem-index_behind = Chưa lập được danh sách
    .detail = Chỉ mục của nhật ký truy cập chưa theo kịp nhật ký. Đề nghị thử lại sau { $seconds } giây.
    .cause = Danh sách phải đầy đủ mới được đưa ra. Chỉ mục dùng để lập danh sách đang chậm hơn nhật ký truy cập, chẳng hạn vì đang được lập lại.
    .remedy = Gọi lại sau thời gian nêu trong Retry-After. Nếu kéo dài nhiều phút, đơn vị vận hành cần xem nhật ký kỹ thuật của cổng.

problem-budget_exhausted = Đã hết hạn mức chống thu thập hàng loạt
    .detail = Số người được tra cứu hoặc số câu hỏi bị từ chối đã vượt hạn mức của cơ quan. Hãy thử lại sau { $seconds } giây.
    .cause = Hồ sơ của mỗi cơ quan quy định một cán bộ được tra cứu bao nhiêu người khác nhau trong một giờ và một ngày, cùng số lần bị từ chối và số định danh không tồn tại được chấp nhận. Việc dò lần lượt các số cũng bị chặn theo các bộ đếm này. Cán bộ bảo vệ dữ liệu cá nhân đã được cảnh báo.
    .remedy = Chỉ tra cứu cho các hồ sơ đang xử lý. Nếu công việc cần nhiều hơn, cơ quan đề nghị cán bộ bảo vệ dữ liệu cá nhân nâng hạn mức.

problem-rate_limited = Cơ quan đã dùng hết hạn mức
    .detail = Cơ quan đã dùng hết hạn mức lời gọi trong lúc này. Đề nghị thử lại sau { $seconds } giây.
    .changes = Cơ sở dữ liệu này đã báo nhiều thay đổi hơn mức cho phép trong một lúc. Đề nghị gửi lại sự kiện sau { $seconds } giây.
    .cause = Mỗi cơ quan có một hạn mức đã thống nhất với đơn vị vận hành, nhờ đó các cơ sở dữ liệu phục vụ được tất cả các bên.
    .remedy = Hãy chờ theo Retry-After và dàn đều các lời gọi. Khi cần tra cứu nhiều đối tượng, hãy dùng lô tra cứu. Nếu hạn mức không đủ cho nhiệm vụ, đề nghị trao đổi với đơn vị vận hành.

problem-overloaded = Cổng đang bận
    .detail = Cổng đang xử lý số lời gọi tối đa. Đề nghị thử lại sau { $seconds } giây.
    .cause = Số lời gọi đang xử lý vượt quá mức cổng nhận cùng lúc. Cổng từ chối sớm thay vì để tất cả cùng phải chờ.
    .remedy = Hãy gọi lại sau thời gian nêu trong Retry-After, mỗi lần chờ lâu hơn một chút.

problem-internal = Cổng gặp sự cố
    .detail = Cổng gặp lỗi nội bộ; lời gọi không có sai sót. Đề nghị thử lại, nếu vẫn lỗi hãy cung cấp mã lời gọi cho đơn vị vận hành.
    .cause = Lỗi của chính cổng. Không có thông tin nào được cung cấp nếu chưa có biên nhận.
    .remedy = Hãy gọi lại. Nếu vẫn lỗi, đề nghị báo `request_id` cho đơn vị vận hành: nhật ký của cổng có chi tiết không hiển thị ra ngoài.

# The kinds of mistake in JSON.
json-syntax = không đúng cú pháp JSON
json-ended = văn bản kết thúc quá sớm
json-duplicate_key = một khóa xuất hiện hai lần trong cùng một đối tượng
json-depth = lồng nhau quá sâu
