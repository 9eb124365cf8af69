using Newtonsoft.Json.Linq;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Api;

/// <summary>CloudStack's paging rules, on twelve devices.</summary>
public sealed class PagingTests : IAsyncLifetime
{
    private ManagementFixture _management = null!;

    public async ValueTask InitializeAsync()
    {
        _management = await ManagementFixture.StartAsync(CancellationToken.None);
        await _management.ConnectAsync(
            "kvm1",
            string.Join(',', Enumerable.Range(0, 12).Select(i => $"28:{i:x2}.0|{(i % 3 == 0 ? "GPU-A" : "10GE")}")),
            CancellationToken.None);
    }

    public ValueTask DisposeAsync() => _management.DisposeAsync();

    [Fact]
    public async Task Without_paging_everything_is_listed_in_order()
    {
        var list = await ListAsync();
        Assert.Equal((12, 12), ((int)list["count"]!, list["pcidevice"]!.Count()));
        Assert.Equal("0000:28:00.0", (string)list["pcidevice"]![0]!["address"]!);
    }

    [Theory]
    [InlineData("1", "5", 5, "0000:28:00.0")]
    [InlineData("2", "5", 5, "0000:28:05.0")]
    [InlineData("3", "5", 2, "0000:28:0a.0")]
    [InlineData("0", "5", 5, "0000:28:00.0")]
    [InlineData("-7", "5", 5, "0000:28:00.0")]
    [InlineData("1", "500", 12, "0000:28:00.0")]
    public async Task A_page_counts_all_and_lists_its_own(string page, string size, int rows, string first)
    {
        var list = await ListAsync(("page", page), ("pagesize", size));
        Assert.Equal(12, (int)list["count"]!);
        Assert.Equal(rows, list["pcidevice"]!.Count());
        Assert.Equal(first, (string)list["pcidevice"]![0]!["address"]!);
    }

    [Theory]
    [InlineData("4", "5")]
    [InlineData("2147483647", "500")]
    public async Task A_page_beyond_the_end_gives_the_count_alone(string page, string size) =>
        Assert.Equal("""{"count":12}""", (await ListAsync(("page", page), ("pagesize", size))).ToString(Newtonsoft.Json.Formatting.None));

    [Fact]
    public async Task A_page_size_of_minus_one_lists_everything() => Assert.Equal(12, (await ListAsync(("pagesize", "-1")))["pcidevice"]!.Count());

    [Theory]
    [InlineData("page", "1")]
    [InlineData("pagesize", "10")]
    [InlineData("page", "1", "pagesize", "501")]
    [InlineData("page", "1", "pagesize", "-1")]
    [InlineData("page", "1", "pagesize", "0")]
    [InlineData("page", "1", "pagesize", "-2")]
    public async Task Half_a_paging_and_sizes_out_of_range_are_refused(params string[] parameters)
    {
        var (status, _) = await _management.CallAsync(
            "listPciDevices", CancellationToken.None, [.. parameters.Chunk(2).Select(pair => (pair[0], pair[1]))]);
        Assert.Equal(431, (int)status);
    }

    [Fact]
    public async Task The_count_of_a_page_is_that_of_what_matches()
    {
        var list = await ListAsync(("page", "1"), ("pagesize", "2"), ("name", "GPU-A"));
        Assert.Equal((4, 2), ((int)list["count"]!, list["pcidevice"]!.Count()));
    }

    [Theory]
    [InlineData("keyword", "gpu", 4)]
    [InlineData("keyword", "28:0A", 1)]
    [InlineData("keyword", "%", 0)]
    [InlineData("name", "gpu-a", 0)]
    [InlineData("state", "free", 12)]
    [InlineData("allocatable", "true", 12)]
    [InlineData("allocatable", "false", 0)]
    public async Task Filters_find_what_they_say(string parameter, string value, int count) =>
        Assert.Equal(count, (int?)(await ListAsync((parameter, value)))["count"] ?? 0);

    private Task<JObject> ListAsync(params (string, string)[] parameters) =>
        _management.OkAsync("listPciDevices", CancellationToken.None, parameters);
}
