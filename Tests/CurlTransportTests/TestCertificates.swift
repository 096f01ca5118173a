/// Certificates made for these tests alone; nothing else trusts them. Valid for a hundred years.
enum TestCertificates {
    /// The authority that signed the other certificates.
    static let authority = """
        -----BEGIN CERTIFICATE-----
        MIIBmTCCAT+gAwIBAgIUOp2/TpKCwLygNfswpIYfko3g5iEwCgYIKoZIzj0EAwIw
        GTEXMBUGA1UEAwwOdGVzdCBhdXRob3JpdHkwIBcNMjYxMTIxMDc1ODI3WhgPMjEy
        NjEwMjgwNzU4MjdaMBkxFzAVBgNVBAMMDnRlc3QgYXV0aG9yaXR5MFkwEwYHKoZI
        zj0CAQYIKoZIzj0DAQcDQgAEE2ZeZwwnBwT6nSU6N+iqi1h2N4azHkn4wPHJwFPO
        AHCn43CqOeZ++1+8VeUcLtchwvd9bZerfRnZUv+KRSJNk6NjMGEwHQYDVR0OBBYE
        FHjXOxrsYDVrxWD2O4j3tFNpW/bHMB8GA1UdIwQYMBaAFHjXOxrsYDVrxWD2O4j3
        tFNpW/bHMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgIEMAoGCCqGSM49
        BAMCA0gAMEUCIQCIZTjvQVCk6neZfrxAAI2Mgv3tT3AiYTU81ODTB8B46wIgH1JK
        AMBPzl0+vJ1hdddoU5KvBERNZPue3F/FO48QoVk=
        -----END CERTIFICATE-----
        """

    /// An authority that signed nothing here.
    static let otherAuthority = """
        -----BEGIN CERTIFICATE-----
        MIIBjzCCATWgAwIBAgIUOSkb/mQTvXjxnxmh44pZVClrMzcwCgYIKoZIzj0EAwIw
        HDEaMBgGA1UEAwwRYW5vdGhlciBhdXRob3JpdHkwIBcNMjYxMTIxMDc1ODI3WhgP
        MjEyNjEwMjgwNzU4MjdaMBwxGjAYBgNVBAMMEWFub3RoZXIgYXV0aG9yaXR5MFkw
        EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEVUKUSN4L+nwlCGgFPFSK6+uEgTU2iEnl
        fT0tWv/Y4XMweDzQ2iZaJRWcxl4jjq+YI/I9Y56LhV143x2zhsY9I6NTMFEwHQYD
        VR0OBBYEFEq58Cw4ziw5OrPELw7nIzd7DKYtMB8GA1UdIwQYMBaAFEq58Cw4ziw5
        OrPELw7nIzd7DKYtMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIh
        AK7WrTkbA6AZX7+tkYB4n652VNdAjtHuREygyet4wrljAiAfwwF8+aWmQZHm8qBc
        z7Z8aCtwzlBWnGJ0NMJS724nmg==
        -----END CERTIFICATE-----
        """

    /// A server at 127.0.0.1, also called cluster.example.
    static let serverCertificate = """
        -----BEGIN CERTIFICATE-----
        MIIBpzCCAU2gAwIBAgIUJRB7H8NtmR/ySd9HnEFVDjeJrhIwCgYIKoZIzj0EAwIw
        GTEXMBUGA1UEAwwOdGVzdCBhdXRob3JpdHkwIBcNMjYxMTIxMDc1ODI3WhgPMjEy
        NjEwMjgwNzU4MjdaMBExDzANBgNVBAMMBnNlcnZlcjBZMBMGByqGSM49AgEGCCqG
        SM49AwEHA0IABAGDJ+8LJyRDU9EA2R/E3y9Sa3nsq59hXP84UGNUEfzpYGH9F8kr
        l9fCf2osP1pxmOlSFFPPqe+6NjP86naUVcejeTB3MCAGA1UdEQQZMBeHBH8AAAGC
        D2NsdXN0ZXIuZXhhbXBsZTATBgNVHSUEDDAKBggrBgEFBQcDATAdBgNVHQ4EFgQU
        FMhk9NuRKyXWnxQXJsSOyxBP/fwwHwYDVR0jBBgwFoAUeNc7GuxgNWvFYPY7iPe0
        U2lb9scwCgYIKoZIzj0EAwIDSAAwRQIhAMADGBaR8fBTaoj/X8BVdGtzo9sssFtr
        4+39g+sTOyxPAiBfcOl9cqnb9wut0s6OHgoQ5t8/JV/MVZP8egexoJKY3w==
        -----END CERTIFICATE-----
        """

    /// The key of the server.
    static let serverKey = """
        -----BEGIN EC PRIVATE KEY-----
        MHcCAQEEIFPvqVkeXDYV+UImtSQxcx/0dHAYXUdOuoUgUUBP2sjcoAoGCCqGSM49
        AwEHoUQDQgAEAYMn7wsnJENT0QDZH8TfL1Jreeyrn2Fc/zhQY1QR/OlgYf0XySuX
        18J/aiw/WnGY6VIUU8+p77o2M/zqdpRVxw==
        -----END EC PRIVATE KEY-----
        """

    /// A client called tester.
    static let clientCertificate = """
        -----BEGIN CERTIFICATE-----
        MIIBmDCCAT2gAwIBAgIUDmXQL6pBCopeAlQP3WcHJ9XDioUwCgYIKoZIzj0EAwIw
        GTEXMBUGA1UEAwwOdGVzdCBhdXRob3JpdHkwIBcNMjYxMTIxMDc1ODI3WhgPMjEy
        NjEwMjgwNzU4MjdaMCMxDzANBgNVBAMMBnRlc3RlcjEQMA4GA1UECgwHdGVzdGVy
        czBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABLiJTuRx+plDYb0y7bLz4/SbGbm2
        Ga+ekzIkt5GxQoEbWUxsdG964KNy3nt0qctYGM/XNGm7nTTpB4h34aQl0nejVzBV
        MBMGA1UdJQQMMAoGCCsGAQUFBwMCMB0GA1UdDgQWBBSRbOijUQ0SXoqh6mVRfVem
        lpFCDDAfBgNVHSMEGDAWgBR41zsa7GA1a8Vg9juI97RTaVv2xzAKBggqhkjOPQQD
        AgNJADBGAiEAifompwakaKpjaMl9kYvv8Ch55bQegynrUU/d964Ka9oCIQDJJ6RO
        W8h6h08ocMHE0poK+DelH0g0gExsCGZXwq71Kw==
        -----END CERTIFICATE-----
        """

    /// The key of the client.
    static let clientKey = """
        -----BEGIN EC PRIVATE KEY-----
        MHcCAQEEIEtg4P+/hJndqn+1sdBfIutdTvWJul5n8Tq7i693TCXDoAoGCCqGSM49
        AwEHoUQDQgAEuIlO5HH6mUNhvTLtsvPj9JsZubYZr56TMiS3kbFCgRtZTGx0b3rg
        o3Lee3Spy1gYz9c0abudNOkHiHfhpCXSdw==
        -----END EC PRIVATE KEY-----
        """

    /// The authority of the certificate that has expired.
    static let expiryAuthority = """
        -----BEGIN CERTIFICATE-----
        MIIBXDCCAQOgAwIBAgIUJPzLmxGTHjSEvnovN3wQultxAAgwCgYIKoZIzj0EAwIw
        GzEZMBcGA1UEAwwQZXhwaXJ5IGF1dGhvcml0eTAgFw0yMDAxMDEwMDAwMDBaGA8y
        MTI2MDEwMTAwMDAwMFowGzEZMBcGA1UEAwwQZXhwaXJ5IGF1dGhvcml0eTBZMBMG
        ByqGSM49AgEGCCqGSM49AwEHA0IABL/ddunZooGzbEbcgtQTVwyxhePEpSm8XU1Y
        KAIx/ACDgN0K1OMRCoLotp/wMuGY0TTDQcVuMVCjVpyXy+4M64WjIzAhMA8GA1Ud
        EwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgEGMAoGCCqGSM49BAMCA0cAMEQCIGjA
        rN/QF0cYmn3qMU1LS+zyApkWVt9kON1W+2caSKjaAiAdfgLb7U7txG3K9K0+kkD6
        9FM+ZaVggUSqhL5fwu3XXA==
        -----END CERTIFICATE-----
        """

    /// A server at 127.0.0.1 whose certificate ended with the year 2020.
    static let expiredCertificate = """
        -----BEGIN CERTIFICATE-----
        MIIBVjCB/aADAgECAhRz/us6XhH5agIqLFsAhPsD8/K6dzAKBggqhkjOPQQDAjAb
        MRkwFwYDVQQDDBBleHBpcnkgYXV0aG9yaXR5MB4XDTIwMDEwMTAwMDAwMFoXDTIx
        MDEwMTAwMDAwMFowEjEQMA4GA1UEAwwHZXhwaXJlZDBZMBMGByqGSM49AgEGCCqG
        SM49AwEHA0IABI7oTsXiB4F/LBj8N5UN6/nIt7J9JeEam1tQ/s//gCxbRhwpdrlx
        s/zBN81TrsA5Yz52LBCoP/LPs3oiQPiq3C6jKDAmMA8GA1UdEQQIMAaHBH8AAAEw
        EwYDVR0lBAwwCgYIKwYBBQUHAwEwCgYIKoZIzj0EAwIDSAAwRQIgd8i+N8x43zAG
        GWrQu5pJ7AhAZ6MqVLg0H+29FiO8txMCIQCbaT7jSx5UXrlbt5qLcQiMELpHxw5z
        EyseBj8RfcMv0w==
        -----END CERTIFICATE-----
        """

    /// The key of that server.
    static let expiredKey = """
        -----BEGIN EC PRIVATE KEY-----
        MHcCAQEEIEGL73qq/Us3qIws/Ww3JeKtxI6L9imI15+ODxFQKfnioAoGCCqGSM49
        AwEHoUQDQgAEjuhOxeIHgX8sGPw3lQ3r+ci3sn0l4RqbW1D+z/+ALFtGHCl2uXGz
        /ME3zVOuwDljPnYsEKg/8s+zeiJA+KrcLg==
        -----END EC PRIVATE KEY-----
        """
}
