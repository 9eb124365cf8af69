using System.Net;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Api;

/// <summary>How calls reach the API, and which do not.</summary>
public sealed class IntegrationPortTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private ManagementFixture _management = null!;

    public async ValueTask InitializeAsync() => _management = await ManagementFixture.StartAsync(None);

    public ValueTask DisposeAsync() => _management.DisposeAsync();

    [Fact]
    public void It_listens_on_the_loopback_interface_alone() => Assert.Equal("127.0.0.1", _management.Http.BaseAddress!.Host);

    [Theory]
    [InlineData("/?command=listZones&response=json")]
    [InlineData("/client/api?command=listZones")]
    [InlineData("/any/path?command=listZones&response=xml")]
    [InlineData("/?command=listCapabilities&command=listZones")]
    [InlineData("/?command=listZones&listall=true&_=1&apikey=x&signature=y")]
    public async Task Any_path_answers_in_json(string path)
    {
        using var response = await _management.Http.GetAsync(path, None);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/json; charset=UTF-8", response.Content.Headers.ContentType!.ToString());
        Assert.Equal("""{"listzonesresponse":{}}""", await response.Content.ReadAsStringAsync(None));
    }

    [Fact]
    public async Task A_form_is_read_as_well_and_names_of_parameters_are_found_in_any_case()
    {
        using var form = new FormUrlEncodedContent([new("command", "listZones"), new("PageSize", "10"), new("PAGE", "1")]);
        using var response = await _management.Http.PostAsync("/client/api", form, None);
        Assert.Equal("""{"listzonesresponse":{}}""", await response.Content.ReadAsStringAsync(None));
    }

    [Theory]
    [InlineData("/?command=listzones", "Unknown API command: listzones")]
    [InlineData("/?command=nothing", "Unknown API command: nothing")]
    [InlineData("/", "No command was given")]
    public async Task An_unknown_command_is_432(string path, string text)
    {
        using var response = await _management.Http.GetAsync(path, None);
        Assert.Equal(432, (int)response.StatusCode);
        var answer = await response.Content.ReadAsStringAsync(None);
        Assert.StartsWith("""{"errorresponse":{"uuidList":[],"errorcode":432,""", answer, StringComparison.Ordinal);
        Assert.Contains(text, answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    [InlineData("Host", "rebound.example")]
    public async Task A_page_of_another_site_is_refused(string header, string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/?command=listZones");
        request.Headers.Add(header, value);
        using var response = await _management.Http.SendAsync(request, None);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task Other_methods_are_not_allowed()
    {
        using var response = await _management.Http.DeleteAsync("/?command=listZones", None);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
    }
}
