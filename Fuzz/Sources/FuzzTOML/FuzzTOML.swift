import KubernetesCore
import TOML

/// Takes a document and reads it.
///
/// Nothing may trap or take long; what is read must be JSON that can be written and read back, the
/// same every time; and a fault must lie inside the text.
func fuzzTOML(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    do throws(TOMLError) {
        let value = JSONValue.object(try TOMLText.read(text))
        precondition((try? TOMLText.read(text)).map(JSONValue.object) == value, "another result")
        // By its text: 1.0 is written as 1, which is read as a whole number.
        let written = value.encoded()
        precondition((try? JSONValue(parsing: written))?.encoded() == written, "no JSON")
    } catch {
        let lines = text.utf8.count { $0 == 0x0A } + 1
        precondition((1...lines).contains(error.line), "line \(error.line)")
        precondition((1...(text.unicodeScalars.count + 1)).contains(error.column), "column")
    }
    return 0
}
