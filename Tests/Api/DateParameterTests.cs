using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Api;

/// <summary>How moments are written in calls. It is 2030-01-01, half past twelve and a quarter of a second, when the last event happens.</summary>
public sealed class DateParameterTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private ManagementFixture _management = null!;

    public async ValueTask InitializeAsync()
    {
        _management = await ManagementFixture.StartAsync(None);
        _management.Time.Advance(new TimeSpan(0, 12, 30, 0, 250));
        await _management.OkAsync("createServiceOffering", None, ("name", "o"), ("cpunumber", "1"), ("cpuspeed", "1000"), ("memory", "512"));
    }

    public ValueTask DisposeAsync() => _management.DisposeAsync();

    [Theory]
    [InlineData("2029-12-31", 0)]
    [InlineData("2030-01-01", 1)]
    [InlineData("2030-01-01 12:29", 0)]
    [InlineData("2030-01-01 12:30", 1)]
    [InlineData("2030-01-01 12:29:59", 0)]
    [InlineData("2030-01-01 12:30:00", 1)]
    [InlineData("2030-01-01T12:30:00+0000", 1)]
    [InlineData("2030-01-01T12:30:00.24", 0)]
    [InlineData("2030-01-01T12:30:00.249", 0)]
    [InlineData("2030-01-01T12:30:00.250Z", 1)]
    public async Task An_end_is_the_end_of_what_it_names(string end, int events) => Assert.Equal(events, await CountAsync("enddate", end));

    [Theory]
    [InlineData("2030-01-01", 1)]
    [InlineData("2030-01-02", 0)]
    [InlineData("2030-01-01 12:30:00", 1)]
    [InlineData("2030-01-01 12:30:01", 0)]
    [InlineData("2030-01-01T12:30", 1)]
    [InlineData("2030-01-01T12:30:00", 1)]
    [InlineData("2030-01-01T12:30:00Z", 1)]
    [InlineData("2030-01-01T12:30:00.250", 1)]
    [InlineData("2030-01-01T12:30:00.251Z", 0)]
    [InlineData("2030-01-01 12:30:00.250", 1)]
    [InlineData("2030-01-01T13:30:00.250+0100", 1)]
    [InlineData("2030-01-01T13:30:00.250+01:00", 1)]
    [InlineData("2030-01-01T12:30:00.250-01:00", 0)]
    public async Task A_start_is_its_beginning(string start, int events) => Assert.Equal(events, await CountAsync("startdate", start));

    [Theory]
    [InlineData("listEvents", "startdate", "28.11.2026")]
    [InlineData("listEvents", "enddate", "2026-11-28T")]
    [InlineData("listEvents", "enddate", "9999-12-31T23:59:59-0100")]
    [InlineData("listEvents", "startdate", "2026-11-28 25:00:00")]
    [InlineData("listAsyncJobs", "startdate", "now")]
    public async Task What_cannot_be_read_is_refused_with_what_can(string command, string parameter, string value)
    {
        var (status, answer) = await _management.CallAsync(command, None, (parameter, value));
        Assert.Equal(431, (int)status);
        Assert.Contains(
            $"due to invalid value {value} for parameter {parameter}: write 2026-05-01, 2026-05-01 12:00:00 or 2026-05-01T12:00:00.250+0000",
            answer.ToString(), StringComparison.Ordinal);
    }

    private async Task<int> CountAsync(string parameter, string value) =>
        (int?)(await _management.OkAsync("listEvents", None, (parameter, value)))["count"] ?? 0;
}
