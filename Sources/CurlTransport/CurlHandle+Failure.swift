import CCurl
import KubernetesCore

extension CurlHandle {
    /// What became of the transfer that libcurl ended with `code`.
    func result(_ code: CURLcode) -> Result<Void, TransportError> {
        guard code != CURLE_OK else {
            guard transfer.hasHead else {
                return failure(.malformed, "\(endpoint) closed the connection without an answer")
            }
            return .success(())
        }
        return failure(code)
    }

    /// No connection came about in time.
    func connectTimeout(_ limit: Duration) -> TransportError {
        TransportError(
            .connectTimeout, endpoint: endpoint,
            "no connection to \(endpoint) within \(text(limit)); check the address and the network")
    }

    /// The server did not do what it should in time.
    func timeout(_ what: String, _ limit: Duration) -> TransportError {
        TransportError(
            isConnected ? .timeout : .connectTimeout, endpoint: endpoint,
            "\(endpoint) did not \(what) within \(text(limit))")
    }

    /// The stream stood still.
    func silence(_ limit: Duration) -> TransportError {
        TransportError(
            .silent, endpoint: endpoint,
            "\(endpoint) has sent nothing for \(text(limit)); the connection is taken for dead")
    }

    private var endpoint: String { transfer.server.endpoint }

    /// What libcurl says of the failure.
    private var detail: String { String(cString: errorText) }

    private func text(_ limit: Duration) -> String {
        let seconds = limit.inSeconds
        return seconds == seconds.rounded() ? "\(Int(seconds)) s" : "\(seconds) s"
    }

    private func failure(
        _ code: TransportError.Code, _ message: String
    ) -> Result<Void, TransportError> {
        .failure(TransportError(code, endpoint: endpoint, message))
    }

    private func failure(_ code: CURLcode) -> Result<Void, TransportError> {
        let said = detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail
        if code == CURLE_RECV_ERROR, let refused = proxyStatus {
            return failure(
                .proxy, "the proxy refused to connect to \(endpoint) (status \(refused))")
        }
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST:
            return failure(
                .unresolved,
                "the name of \(endpoint) cannot be resolved; check the address and DNS")
        case CURLE_COULDNT_RESOLVE_PROXY, CURLE_PROXY:
            return failure(.proxy, "the proxy for \(endpoint) cannot be used: \(said)")
        case CURLE_COULDNT_CONNECT:
            return failure(
                .refused,
                "no connection to \(endpoint): check the address and that the server runs (\(said))"
            )
        case CURLE_OPERATION_TIMEDOUT: return .failure(connectTimeout(transfer.options.connect))
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR:
            return failure(
                .untrusted,
                "the certificate of \(endpoint) is not trusted: \(said); check the certificate "
                    + "authority and the server's name")
        case CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CRL_BADFILE:
            return failure(
                .credentials,
                "the certificate authority given for \(endpoint) cannot be read: \(said)")
        case CURLE_SSL_CERTPROBLEM:
            return failure(
                .credentials, "the client certificate for \(endpoint) cannot be used: \(said)")
        case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER, CURLE_USE_SSL_FAILED:
            return failure(.handshake, "no TLS connection with \(endpoint): \(said)")
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY,
            CURLE_BAD_CONTENT_ENCODING, CURLE_WRITE_ERROR:
            return failure(.malformed, "what \(endpoint) answered is no valid HTTP: \(said)")
        case CURLE_OUT_OF_MEMORY: return failure(.stopped, "libcurl is out of memory")
        default: return failure(.broken, "the connection to \(endpoint) broke off: \(said)")
        }
    }

    /// What the proxy answered to CONNECT, where it refused.
    private var proxyStatus: Int? {
        var status = 0
        _ = ccurl_get_long(easy, CURLINFO_HTTP_CONNECTCODE, &status)
        return status >= 300 ? status : nil
    }
}
