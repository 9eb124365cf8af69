using Newtonsoft.Json.Linq;
using PciBus.Management.Setup;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Api;

/// <summary>Settings as the API shows them.</summary>
public sealed class ConfigurationTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private ManagementFixture _management = null!;

    public async ValueTask InitializeAsync() => _management = await ManagementFixture.StartAsync(None);

    public ValueTask DisposeAsync() => _management.DisposeAsync();

    [Theory]
    [InlineData("stop.timeout", "60", "60", "default")]
    [InlineData("ping.interval", "7", "10", "command line")]
    [InlineData("api.port", "8081", "8080", "environment PCIBUS_API_PORT")]
    [InlineData("database.connection", "***", "", "command line")]
    [InlineData("bus.address", "", "", "default")]
    public async Task A_setting_tells_its_value_and_where_it_comes_from(string name, string value, string byDefault, string source)
    {
        var setting = Assert.Single(await ListAsync(("name", name)));
        Assert.Equal(
            (value, byDefault, source, true, false),
            ((string)setting["value"]!, (string)setting["defaultvalue"]!, (string)setting["source"]!, (bool)setting["readonly"]!, (bool)setting["isdynamic"]!));
        Assert.DoesNotContain("hunter2", setting.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_are_found_by_name_word_and_category_a_page_at_a_time()
    {
        Assert.Equal(Settings.Definitions.Count(setting => !setting.IsFamily), (await ListAsync()).Count);
        Assert.Equal(["ping.interval", "ping.timeout"], Names(await ListAsync(("keyword", "PING."))));
        Assert.Equal(["database.connection", "database.provider"], Names(await ListAsync(("category", "database"))));
        Assert.Equal(["database.provider"], Names(await ListAsync(("category", "Database"), ("page", "2"), ("pagesize", "1"))));
        Assert.Empty(await ListAsync(("name", "ping")));
    }

    [Fact]
    public async Task An_unknown_category_is_refused_with_those_there_are()
    {
        var (_, answer) = await _management.CallAsync("listConfigurations", None, ("category", "Host"));
        Assert.Contains("VirtualMachines", (string)answer["listconfigurationsresponse"]!["errortext"]!, StringComparison.Ordinal);
    }

    private async Task<IReadOnlyList<JToken>> ListAsync(params (string, string)[] parameters) =>
        [.. (await _management.OkAsync("listConfigurations", None, parameters))["configuration"] ?? new JArray()];

    private static IEnumerable<string> Names(IEnumerable<JToken> settings) => settings.Select(setting => (string)setting["name"]!);
}
