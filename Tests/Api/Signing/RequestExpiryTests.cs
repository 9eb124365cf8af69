using Microsoft.Extensions.Primitives;
using PciBus.Management.Api;
using PciBus.Management.Api.Signing;
using Xunit;

namespace PciBus.Tests.Api.Signing;

public sealed class RequestExpiryTests
{
    private static readonly DateTimeOffset Noon = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("2030-01-01T12:10:00+0000")]
    [InlineData("2030-01-01T12:10:00+00:00")]
    [InlineData("2030-01-01T12:10:00Z")]
    [InlineData("2030-01-01T12:10:00.123Z")]
    [InlineData("2030-01-01T12:10:00.123456+0000")]
    [InlineData("2030-01-01T13:10:00+0100")]
    [InlineData("2030-01-01T07:10:00-0500")]
    [InlineData("2030-01-01T12:00:00+0000")]
    [InlineData("2031-01-01T12:00:00+0000")]
    public void Before_it_has_passed_a_request_is_carried_out(string expires) => Assert.True(Allows("3", expires));

    [Theory]
    [InlineData("2030-01-01T11:59:59+0000")]
    [InlineData("2030-01-01T11:59:59Z")]
    [InlineData("2030-01-01T12:30:00+0100")]
    [InlineData("2029-01-01T12:00:00+0000")]
    public void Afterwards_it_is_not(string expires)
    {
        Assert.False(Allows("3", expires));
        Assert.False(Allows(null, expires));
    }

    [Theory]
    [InlineData("")]
    [InlineData("soon")]
    [InlineData("2030-01-01T12:10:00")]
    [InlineData("2030-01-01")]
    [InlineData("1893499800")]
    public void What_cannot_be_read_has_passed(string expires) => Assert.False(Allows("3", expires));

    [Theory]
    [InlineData(null, true)]
    [InlineData("1", true)]
    [InlineData("3", false)]
    public void Only_version_3_needs_one(string? version, bool allowed) => Assert.Equal(allowed, Allows(version, null));

    private static bool Allows(string? version, string? expires)
    {
        var parameters = new Dictionary<string, StringValues>();
        if (version is not null) parameters["signatureVersion"] = version;
        if (expires is not null) parameters["Expires"] = expires;
        return RequestExpiry.Allows(ApiRequest.Of(parameters, []), Noon);
    }
}
