using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Api;

public sealed class UpdatePlaceTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private ManagementFixture _management = null!;

    public async ValueTask InitializeAsync()
    {
        _management = await ManagementFixture.StartAsync(None);
        await _management.ConnectAsync("kvm1", "28:00.1|10GE", None);
    }

    public ValueTask DisposeAsync() => _management.DisposeAsync();

    [Theory]
    [InlineData("Zone")]
    [InlineData("Pod")]
    [InlineData("Cluster")]
    public async Task A_place_is_disabled_and_enabled(string kind)
    {
        var (list, update, name) = ($"list{kind}s", $"update{kind}", kind.ToLowerInvariant());
        var id = (string)(await _management.OkAsync(list, None))[name]![0]!["id"]!;

        foreach (var state in new[] { "Disabled", "Enabled" })
        {
            var answer = await _management.OkAsync(update, None, ("id", id), ("allocationstate", state.ToLowerInvariant()));
            Assert.Equal((id, state), ((string)answer[name]!["id"]!, (string)answer[name]!["allocationstate"]!));
            Assert.Equal(state, (string)(await _management.OkAsync(list, None))[name]![0]!["allocationstate"]!);
        }

        var (status, refused) = await _management.CallAsync(update, None, ("id", id), ("allocationstate", "Disable"));
        Assert.Equal(431, (int)status);
        Assert.Contains("it is one of Enabled, Disabled", refused.ToString(), StringComparison.Ordinal);
    }
}
