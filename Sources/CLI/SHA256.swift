import CCrypto

/// SHA-256 (FIPS 180-4) by OpenSSL, which takes the processor's own instructions for it.
final class SHA256 {
    private let context: OpaquePointer

    init() throws(DigestFault) {
        guard let context = EVP_MD_CTX_new() else { throw DigestFault() }
        self.context = context
        guard EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else { throw DigestFault() }
    }

    deinit { EVP_MD_CTX_free(context) }

    func add(_ bytes: UnsafeRawBufferPointer) { EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) }

    /// 64 hexadecimal digits, as `sha256sum` prints them. To be called once.
    func digits() throws(DigestFault) -> String {
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE)), count: UInt32 = 0
        guard EVP_DigestFinal_ex(context, &digest, &count) == 1 else { throw DigestFault() }
        return digest.prefix(Int(count)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// That of a text in UTF-8.
    static func digits(of text: String) throws(DigestFault) -> String {
        let sum = try SHA256()
        Array(text.utf8).withUnsafeBytes(sum.add)
        return try sum.digits()
    }
}

/// OpenSSL has no SHA-256 to offer, as where its configuration leaves it out.
struct DigestFault: Error {}
