import CCurl
import KubernetesCore

extension CurlHandle {
    /// Sets every option explicitly whose default would be wrong for an API client.
    func configure() throws(TransportError) {
        let request = transfer.request
        let options = transfer.options
        let context = Unmanaged.passUnretained(self).toOpaque()
        try set(ccurl_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText))
        try set(CURLOPT_NOSIGNAL, 1)
        try set(CURLOPT_URL, transfer.server.url(request.target))
        try set(CURLOPT_PATH_AS_IS, 1)
        try set(CURLOPT_FOLLOWLOCATION, 0)
        try set(CURLOPT_PROTOCOLS_STR, transfer.server.isSecure ? "https" : "http")
        try set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        try set(CURLOPT_TCP_KEEPALIVE, 1)
        try set(CURLOPT_TCP_KEEPIDLE, 30)
        try set(CURLOPT_TCP_KEEPINTVL, 10)
        // A peer that is gone is noticed by what it does not acknowledge, long before TCP gives up:
        // else every later call would be sent into the same dead HTTP/2 connection.
        try set(ccurl_set_user_timeout(easy, 20_000))
        try set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(options.connect))
        try set(CURLOPT_BUFFERSIZE, 65_536)
        try set(ccurl_set_write(easy, curlReceivedBody, context))
        try set(ccurl_set_header(easy, curlReceivedHeader, context))
        if options.acceptsCompression { try set(CURLOPT_ACCEPT_ENCODING, "gzip") }
        switch options.lane {
        case .calls:
            try set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS)
            try set(CURLOPT_PIPEWAIT, 1)
        case .streams: try set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
        }
        try configureBody(request)
        try configureHeader(request)
        try configureTLS(transfer.server)
        try configureProxy(transfer.server)
    }

    private func configureBody(_ request: HTTPRequest) throws(TransportError) {
        switch request.method {
        case .get where request.body.isEmpty: try set(CURLOPT_HTTPGET, 1)
        case .head: try set(CURLOPT_NOBODY, 1)
        case .delete where request.body.isEmpty: break
        default:
            try set(CURLOPT_POST, 1)
            let code = request.body.withUnsafeBytes { bytes in
                withUnsafePointer(to: UInt8(0)) { none in
                    ccurl_set_body(
                        easy, bytes.baseAddress ?? UnsafeRawPointer(none), bytes.count)
                }
            }
            try set(code)
        }
        if request.method != .head { try set(CURLOPT_CUSTOMREQUEST, request.method.rawValue) }
    }

    private func configureHeader(_ request: HTTPRequest) throws(TransportError) {
        // Without this, libcurl asks for leave before it sends a large body, and waits a second.
        var lines = ["Expect:"]
        if !transfer.server.tls.serverName.isEmpty {
            lines.append("Host: " + transfer.server.endpoint)
        }
        for field in request.fields.fields {
            lines.append(field.value.isEmpty ? field.name + ";" : field.name + ": " + field.value)
        }
        for line in lines { headerList = try append(line, to: headerList) }
        try set(ccurl_set_list(easy, CURLOPT_HTTPHEADER, headerList))
    }

    private func configureTLS(_ server: HTTPServer) throws(TransportError) {
        guard server.isSecure else { return }
        let tls = server.tls
        try set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        try set(CURLOPT_SSL_VERIFYPEER, tls.isInsecure ? 0 : 1)
        try set(CURLOPT_SSL_VERIFYHOST, tls.isInsecure ? 0 : 2)
        if !tls.authorities.isEmpty {
            // The system's folder of authorities would be trusted beside the given ones.
            try set(ccurl_set_string(easy, CURLOPT_CAPATH, nil))
            try set(CURLOPT_CAINFO_BLOB, tls.authorities)
        }
        if !tls.certificate.isEmpty {
            try set(CURLOPT_SSLCERTTYPE, "PEM")
            try set(CURLOPT_SSLCERT_BLOB, tls.certificate)
            try set(CURLOPT_SSLKEYTYPE, "PEM")
            try set(CURLOPT_SSLKEY_BLOB, tls.key.isEmpty ? tls.certificate : tls.key)
        }
        guard !tls.serverName.isEmpty else { return }
        connectList = try append("::" + server.endpoint, to: connectList)
        try set(ccurl_set_list(easy, CURLOPT_CONNECT_TO, connectList))
    }

    private func configureProxy(_ server: HTTPServer) throws(TransportError) {
        if let proxy = server.proxy {
            try set(CURLOPT_PROXY, proxy)
            if !proxy.isEmpty { try set(CURLOPT_NOPROXY, "") }
        } else if server.isLoopback {
            try set(CURLOPT_PROXY, "")
        }
    }

    private func set(_ option: CURLoption, _ value: Int) throws(TransportError) {
        try set(ccurl_set_long(easy, option, value))
    }

    private func set(_ option: CURLoption, _ value: String) throws(TransportError) {
        try set(ccurl_set_string(easy, option, value))
    }

    private func set(_ option: CURLoption, _ bytes: [UInt8]) throws(TransportError) {
        let code = bytes.withUnsafeBytes { buffer in
            buffer.baseAddress.map { ccurl_set_blob(easy, option, $0, buffer.count) }
        }
        try set(code ?? CURLE_OK)
    }

    private func set(_ code: CURLcode) throws(TransportError) {
        guard code != CURLE_OK else { return }
        throw TransportError(
            .malformed, endpoint: transfer.server.endpoint,
            "libcurl does not take the request: \(String(cString: curl_easy_strerror(code)))")
    }

    private func append(
        _ line: String, to list: UnsafeMutablePointer<curl_slist>?
    ) throws(TransportError) -> UnsafeMutablePointer<curl_slist> {
        guard let longer = curl_slist_append(list, line) else {
            throw TransportError(
                .stopped, endpoint: transfer.server.endpoint, "libcurl is out of memory")
        }
        return longer
    }

    private func milliseconds(_ duration: Duration) -> Int {
        Int(clamping: max(1, duration.nanoseconds / 1_000_000))
    }
}

/// What libcurl calls with a piece of the body.
private func curlReceivedBody(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let bytes, let context else { return 0 }
    let handle = Unmanaged<CurlHandle>.fromOpaque(context).takeUnretainedValue()
    let buffer = UnsafeRawBufferPointer(start: bytes, count: size * count)
    return handle.receiveBody(buffer) ? buffer.count : ccurl_write_pause()
}

/// What libcurl calls with a line of the head.
private func curlReceivedHeader(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let bytes, let context else { return 0 }
    let handle = Unmanaged<CurlHandle>.fromOpaque(context).takeUnretainedValue()
    let buffer = UnsafeRawBufferPointer(start: bytes, count: size * count)
    return handle.receiveHeader(buffer) ? buffer.count : 0
}
