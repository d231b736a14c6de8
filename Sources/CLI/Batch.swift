/// Explains one photo after another. One that fails is named with its reason, and the rest goes on, unless nothing more
/// can be written: then the run ends, rather than that every photo is explained in vain.
struct Batch {
    let photos: [Photo]
    let failures: [PhotoList.Failure]
    let console: Console
    let json: Bool
    let quiet: Bool
    /// Whether a photo's fault is that of all that follow.
    var isLast: (any Error) -> Bool = { _ in false }

    private enum Ending: Error { case cannotPrint(SystemError), cannotWrite(photo: Int) }

    /// - Parameter workers: what explains a photo, one a thread; photos go to whichever is free, and results come in
    ///   the photos' order.
    func run(_ workers: [(Photo) throws -> Report]) -> ExitCode {
        var failed = 0
        func fail(_ path: String, _ reason: String) throws(Ending) {
            failed += 1
            console.error("\(path): \(reason)")
            if json { try print(Report.json(failed: path, reason).text) }
        }
        do throws(Ending) {
            for failure in failures { try fail(failure.path, Messages.text(failure.fault)) }
            let start = ContinuousClock.now
            func progress(_ done: Int) {
                if photos.count > 1 { console.progress(done: done, of: photos.count, since: start) }
            }
            progress(0)
            try InOrder.run(photos.count, workers: workers.count) { worker, index in
                Result(catching: { try workers[worker](photos[index]) })
            } deliver: { index, result throws(Ending) in
                switch result {
                case .success(let report): try tell(report)
                case .failure(let error):
                    try fail(photos[index].path, Messages.text(of: error))
                    if index + 1 < photos.count, isLast(error) { throw .cannotWrite(photo: index) }
                }
                progress(index + 1)
            }
            console.endProgress()
        } catch {
            console.endProgress()
            switch error {
            case .cannotPrint(let fault): console.error(Messages.cannotPrint(fault.code))
            case .cannotWrite(let photo): console.error(Messages.cannotWrite(left: photos.count - photo - 1))
            }
            return .photoFailed
        }
        if photos.count + failures.count > 1 {
            console.information(Messages.summary(done: photos.count + failures.count - failed, failed: failed))
        }
        return failed == 0 ? .done : .photoFailed
    }

    private func print(_ text: String) throws(Ending) {
        do throws(SystemError) { try console.result(text) } catch { throw .cannotPrint(error) }
    }

    private func tell(_ report: Report) throws(Ending) {
        for remark in report.diagnosis { console.warning("\(report.input): \(remark)") }
        for note in report.notes { console.information("\(report.input): \(note)") }
        if json {
            try print(report.json.text)
        } else if !quiet {
            try print(report.text)
        }
    }
}
