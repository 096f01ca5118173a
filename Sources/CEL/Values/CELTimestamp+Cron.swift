import CivilCalendar

extension CELTimestamp {
    /// Minute, hour, day, month and day of the week, as a crontab has them, in the offset that the
    /// time was written with.
    public var cron: String {
        let civil = CivilTime(seconds: seconds + Int64(offset))
        return "\(civil.minute) \(civil.hour) \(civil.day) \(civil.month) \(civil.weekday)"
    }
}
