import CFuzzer

/// Changes one thing of a network after another, so that what comes out is still one that can be read.
struct Mutation {
    var random: SplitMix
    /// Texts and messages that may stand in another's place.
    private var texts: [[UInt8]] = []
    private var donors: [Kind: [Message]] = [:]

    /// - Parameter others: messages to take parts of, besides the one that is changed.
    init(seed: UInt64, _ others: [Message]) {
        random = SplitMix(state: seed)
        for other in others { collect(other) }
    }

    private mutating func collect(_ message: Message) {
        if message.kind != .model { donors[message.kind, default: []].append(message) }
        for field in message.fields {
            switch field.value {
            case .message(let inner): collect(inner)
            case .text(let text): texts.append(text)
            default: break
            }
        }
    }

    /// Changes some field of the message, wherever it stands.
    mutating func change(_ message: inout Message) {
        var index = random.below(max(Self.count(message), 1))
        change(&message, at: &index)
    }

    private static func count(_ message: Message) -> Int {
        message.fields.reduce(1) { $0 + ($1.value.message.map(count) ?? 1) }
    }

    /// Changes the place of that index, counted as `count` does; messages count before their fields.
    private mutating func change(_ message: inout Message, at index: inout Int) {
        if index == 0 { return insert(&message) }
        index -= 1
        for place in message.fields.indices {
            if case .message(var inner) = message.fields[place].value {
                let count = Self.count(inner)
                guard index < count else {
                    index -= count
                    continue
                }
                if index == 0, random.below(2) == 0 { return rearrange(&message.fields, place) }
                change(&inner, at: &index)
                message.fields[place].value = .message(inner)
                return
            }
            if index == 0 {
                return random.below(5) == 0
                    ? rearrange(&message.fields, place) : changeValue(&message.fields[place].value)
            }
            index -= 1
        }
    }

    private mutating func rearrange(_ fields: inout [Message.Field], _ place: Int) {
        let other = random.below(fields.count)
        switch random.below(5) {
        case 0: fields.remove(at: place)
        case 1: fields.insert(fields[place], at: other)
        case 2: fields.swapAt(place, other)
        default:
            guard let kind = fields[place].value.message?.kind, let donor = donors[kind]?.randomElement(using: &random)
            else { return changeValue(&fields[place].value) }
            fields[place].value = .message(donor)
        }
    }

    /// Puts in a field that the message need not have.
    private mutating func insert(_ message: inout Message) {
        let place = random.below(message.fields.count + 1)
        func add(_ number: Int, _ value: Message.Value) {
            message.fields.insert(Message.Field(number: number, value: value), at: place)
        }
        switch message.kind {
        case .node:
            if random.below(3) > 0 { return add(5, .message(attribute())) }
            add(1 + random.below(2), .text(texts.isEmpty ? [] : random.one(of: texts)))
        case .attribute, .shape, .tensor, .dimension:
            add(random.one(of: [1, 2, 3, 5, 7, 8, 20]), .varint(integer()))
        default:
            let choices = message.kind.content.compactMap { number, content -> (Int, Message)? in
                guard case .message(let kind) = content else { return nil }
                return donors[kind]?.randomElement(using: &random).map { (number, $0) }
            }
            guard let (number, donor) = choices.randomElement(using: &random) else { return }
            add(number, .message(donor))
        }
    }

    private mutating func attribute() -> Message {
        var attribute = Message(.attribute, [])!
        func add(_ number: Int, _ value: Message.Value) { attribute.fields.append(.init(number: number, value: value)) }
        add(1, .text(Array(random.one(of: Edges.attributes).utf8)))
        switch random.below(5) {
        case 0:
            add(2, .fixed32(float()))
            add(20, .varint(1))
        case 1:
            add(4, .text(Array(random.one(of: Edges.words).utf8)))
            add(20, .varint(3))
        case 2:
            let count = random.one(of: [0, 1, 2, 2, 3, 4, 4, 5, 8])
            add(8, .integers((0..<count).map { _ in integer() }))
            add(20, .varint(7))
        default:
            add(3, .varint(integer()))
            add(20, .varint(2))
        }
        return attribute
    }

    private mutating func integer(near value: UInt64 = 1) -> UInt64 {
        let number = Int(bitPattern: UInt(value))
        let new =
            switch random.below(10) {
            case 0...3: number &+ random.one(of: [-2, -1, 1, 2])
            case 4: number &* random.one(of: [-1, 2, 3, 1 << 20])
            case 5, 6: random.below(9)
            default: random.one(of: Edges.integers)
            }
        return UInt64(bitPattern: Int64(new))
    }

    private mutating func float() -> [UInt8] { Self.littleEndian(random.one(of: Edges.floats).bitPattern) }

    private static func littleEndian<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    private mutating func changeValue(_ value: inout Message.Value) {
        switch value {
        case .varint(let number): value = .varint(integer(near: number))
        case .fixed32: value = .fixed32(float())
        case .fixed64: value = .fixed64(Self.littleEndian(Double(random.one(of: Edges.floats)).bitPattern))
        case .text(let text): value = .text(changed(text))
        case .integers(let numbers): value = .integers(changed(numbers))
        case .bytes(let bytes): value = .bytes(changed(bytes: bytes))
        case .message(var message):
            insert(&message)
            value = .message(message)
        }
    }

    private mutating func changed(_ text: [UInt8]) -> [UInt8] {
        switch random.below(8) {
        case 0: Array(random.one(of: Edges.words).utf8)
        case 1, 2: Array(random.one(of: Edges.operators).utf8)
        case 3: Array(random.one(of: Edges.attributes).utf8)
        case 4: text + text
        default: texts.isEmpty ? [] : random.one(of: texts)
        }
    }

    private mutating func changed(_ numbers: [UInt64]) -> [UInt64] {
        var numbers = numbers
        let place = random.below(numbers.count + 1)
        guard place < numbers.count, random.below(4) > 0 else {
            numbers.insert(integer(), at: place)
            return numbers
        }
        switch random.below(8) {
        case 0: numbers.remove(at: place)
        case 1: numbers.swapAt(place, random.below(numbers.count))
        case 2: numbers = numbers.map { _ in integer() }
        default: numbers[place] = integer(near: numbers[place])
        }
        return numbers
    }

    /// Bytes are mostly numbers of four or eight bytes.
    private mutating func changed(bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        let new: [UInt8] =
            switch random.below(8) {
            case 0...3: Self.littleEndian(integer())
            case 4...6: float()
            default: []
            }
        guard !new.isEmpty, bytes.count >= new.count else {
            let count = bytes.count
            if random.below(3) == 0 {
                bytes += new
            } else {
                bytes.withUnsafeMutableBufferPointer { _ = LLVMFuzzerMutate($0.baseAddress, count, count) }
            }
            return bytes
        }
        let place = random.below(bytes.count / new.count) * new.count
        bytes.replaceSubrange(place..<place + new.count, with: new)
        return bytes
    }
}

extension Message.Value {
    var message: Message? { if case .message(let message) = self { message } else { nil } }
}
